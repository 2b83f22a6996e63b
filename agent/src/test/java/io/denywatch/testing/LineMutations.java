package io.denywatch.testing;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;

/** Damages lines, from a seed; numbers in them become such at which arithmetic ends. Confined to the thread that draws. */
@NullMarked
public final class LineMutations {
    private static final String ALPHABET = "0123456789abcdefABCDEFx =:.[]()-TUCRSDINO\t\r\u0000\u0085\u00a0\u00ff";

    private static final Pattern DIGITS = Pattern.compile("[0-9]+");
    private static final List<BigInteger> EDGES = Stream.concat(
                    IntStream.of(0, 8, 13, 16, 20, 31, 32, 53, 62, 63, 64).mapToObj(BigInteger.ONE::shiftLeft),
                    LongStream.of(524_280, 1_000_000, 1_000_000_000, 999_999_999_999_999_999L)
                            .mapToObj(BigInteger::valueOf))
            .toList();

    private final SplittableRandom random;

    /** The damages of a seed. */
    public LineMutations(long seed) {
        random = new SplittableRandom(seed);
    }

    /** The line with one or a few faults; {@code other} lends its end to a splice. */
    public String mutate(String line, String other) {
        String mutated = line;
        for (int faults = random.nextInt(4) == 0 ? 3 : 1; faults > 0; faults--) {
            mutated = mutated.isEmpty() ? other : once(mutated, other);
        }
        return mutated;
    }

    private String once(String line, String other) {
        int at = random.nextInt(line.length());
        int end = Math.min(line.length(), at + 1 + random.nextInt(6));
        return switch (random.nextInt(15)) {
            case 0 -> line.substring(0, at) + line.substring(at + 1);
            case 1 -> line.substring(0, at) + line.substring(end);
            case 2 -> line.substring(0, end) + line.substring(at);
            case 3, 4 -> line.substring(0, at) + letter() + line.substring(at + 1);
            case 5, 6 -> line.substring(0, at) + letter() + line.substring(at);
            case 7 -> swappedFields(line);
            case 8 -> withoutField(line);
            case 9 -> line.substring(0, at) + other.substring(Math.min(at, other.length()));
            case 10 -> splicedAtFields(line, other);
            case 11, 12, 13 -> withNumber(line);
            default -> line.endsWith(" ") ? line.substring(0, line.length() - 1) : line + " ";
        };
    }

    /** The line with another number in place of one that it has, or of a few digits of one. */
    private String withNumber(String line) {
        List<MatchResult> numbers = DIGITS.matcher(line).results().toList();
        if (numbers.isEmpty()) {
            return line + edge(random);
        }
        MatchResult number = numbers.get(random.nextInt(numbers.size()));
        return line.substring(0, number.start()) + edge(random) + line.substring(number.end());
    }

    /** A number near those at which ranges end: of the grammar, of ints and longs, of exact doubles. */
    public static BigInteger edge(SplittableRandom random) {
        return EDGES.get(random.nextInt(EDGES.size()))
                .add(BigInteger.valueOf(random.nextInt(-2, 3)))
                .max(BigInteger.ZERO);
    }

    private char letter() {
        return ALPHABET.charAt(random.nextInt(ALPHABET.length()));
    }

    private String swappedFields(String line) {
        List<String> fields = new ArrayList<>(List.of(line.split(" ", -1)));
        Collections.swap(fields, random.nextInt(fields.size()), random.nextInt(fields.size()));
        return String.join(" ", fields);
    }

    private String withoutField(String line) {
        List<String> fields = new ArrayList<>(List.of(line.split(" ", -1)));
        fields.remove(random.nextInt(fields.size()));
        return String.join(" ", fields);
    }

    private String splicedAtFields(String line, String other) {
        List<String> head = List.of(line.split(" ", -1));
        List<String> tail = List.of(other.split(" ", -1));
        List<String> fields = new ArrayList<>(head.subList(0, random.nextInt(head.size() + 1)));
        fields.addAll(tail.subList(random.nextInt(tail.size()), tail.size()));
        return String.join(" ", fields);
    }
}
