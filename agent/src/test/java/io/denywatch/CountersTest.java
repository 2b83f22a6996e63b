package io.denywatch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.count.Count;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.Opcode;
import java.lang.classfile.instruction.ArrayStoreInstruction;
import java.lang.classfile.instruction.FieldInstruction;
import java.lang.classfile.instruction.InvokeDynamicInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.classfile.instruction.StackInstruction;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Nothing that is counted is added up by other means than {@link Count}: in the classes, no {@code long} field or array
 * takes a sum, whether it was written as {@code +=}, {@code ++} or {@code a = a + b}, and nobody asks the library for one.
 * What is no counter is named here, with the reason.
 */
class CountersTest {
    /** Fields by what they are: times, and places in a text or file, which may also go back. */
    private static final Pattern NO_COUNTER_BY_NAME =
            Pattern.compile(".*(Millis|Micros|Nanos)|(next|head|line|text)?[pP]osition");

    private static final Map<String, String> NO_COUNTERS = Map.ofEntries(
            Map.entry(
                    "simulate/TrafficGenerator#attack scanned", "a place in an endless sequence of made-up addresses"),
            Map.entry("denial/DenialTable#advance sliceStart", "a time"),
            Map.entry("exposition/RenderedPages#unsentBytes LongStream.sum", "what there is at the moment, bounded"),
            Map.entry("packet/FieldReader#hexByte value", "a number that is being read"),
            Map.entry("packet/SuppressionNotice#journald lines", "a number that is being read, 10^9 at most"),
            Map.entry("kmsg/KmsgTail#take nextSequence", "the number of a record, of 18 digits at most"),
            Map.entry("denial/LoadBalancerTable#bytes LongStream.sum", "memory"),
            Map.entry("process/TokenBucket#take filledAt", "a time"),
            Map.entry("policy/Intervals#complement []", "bounds of a set of numbers"),
            Map.entry("cluster/ClusterLoadBalancer#size LongStream.sum", "memory"),
            Map.entry("cluster/MemoryBudget#tries bytes", "memory, bounded by the budget"),
            Map.entry("doctor/NodeFindings#of LongStream.sum", "nodes of a cluster"),
            Map.entry("policy/verdict/Steps#take taken", "steps of one analysis, bounded by a limit"),
            Map.entry(
                    "cluster/sets/AnnotationText#time Math.addExact",
                    "a time that others wrote; an overflow makes it none"));

    private static final Pattern LIBRARY_SUM = Pattern.compile(
            "java/(lang/(Long|Math)\\.(sum|(add|increment|multiply)Exact)"
                    + "|util/stream/(LongStream\\.(sum|summaryStatistics)|Collectors\\.(summ|averag)ing\\w+)"
                    + "|util/concurrent/atomic/(LongA\\w+\\.\\w+|AtomicLong\\.(incr|decr|add|getAnd(Incr|Add)\\w*)\\w*))");

    private final TreeSet<String> found = new TreeSet<>();

    @Test
    void everyCounterGrowsByCountAlone() throws IOException, URISyntaxException {
        Path classes = Path.of(
                Count.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        try (Stream<Path> files = Files.walk(classes)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".class")).toList()) {
                scan(ClassFile.of().parse(file));
            }
        }
        assertEquals(new TreeSet<>(NO_COUNTERS.keySet()), found, "sums, and those that are known to count nothing");
    }

    /** The scan itself, on what it must find. */
    @Test
    void findsSumsInWhateverForm() throws IOException {
        for (Class<?> sums : new Class<?>[] {Sums.class, SumsOfStreams.class}) {
            String file = "/" + sums.getName().replace('.', '/') + ".class";
            try (var in = CountersTest.class.getResourceAsStream(file)) {
                scan(ClassFile.of().parse(in.readAllBytes()));
            }
        }
        for (String method : new String[] {"plus", "next", "last", "written", "element", "stream", "merged"}) {
            assertTrue(
                    found.stream().anyMatch(sum -> sum.contains("#" + method)), () -> method + " is not in " + found);
        }
        assertTrue(found.stream().noneMatch(sum -> sum.contains("#right")), () -> "a right one is in " + found);
    }

    private void scan(ClassModel type) {
        String name = type.thisClass().asInternalName().replaceFirst("^io/denywatch/", "");
        if (name.startsWith("count/")) {
            return;
        }
        for (MethodModel method : type.methods()) {
            String where = name + "#" + method.methodName().stringValue() + " ";
            method.code().ifPresent(code -> scan(code, where));
        }
    }

    private void scan(CodeModel code, String where) {
        boolean sum = false;
        for (CodeElement element : code) {
            switch (element) {
                case OperatorInstruction operator -> sum = operator.opcode() == Opcode.LADD;
                case StackInstruction _ -> {} // a copy of the sum, for what it is used in
                case FieldInstruction field -> {
                    boolean written = field.opcode() == Opcode.PUTFIELD || field.opcode() == Opcode.PUTSTATIC;
                    String counter = field.name().stringValue();
                    if (sum && written && !NO_COUNTER_BY_NAME.matcher(counter).matches()) {
                        found.add(where + counter);
                    }
                    sum = false;
                }
                case ArrayStoreInstruction _ -> {
                    if (sum) {
                        found.add(where + "[]");
                    }
                    sum = false;
                }
                case InvokeInstruction call -> {
                    called(call.owner().asInternalName() + "." + call.name().stringValue(), where);
                    sum = false;
                }
                case InvokeDynamicInstruction reference -> {
                    reference.bootstrapArgs().forEach(argument -> referred(argument.toString(), where));
                    sum = false;
                }
                case Instruction _ -> sum = false;
                default -> {} // a line number
            }
        }
    }

    private void called(String method, String where) {
        if (LIBRARY_SUM.matcher(method).matches()) {
            found.add(where + method.replaceFirst(".*/", ""));
        }
    }

    private void referred(String argument, String where) {
        if (argument.contains("/Long::sum(")) {
            found.add(where + "Long::sum");
        }
    }

    /** What must be found, and one that must not. */
    static final class Sums {
        private static long last;
        private final long[] counts = new long[2];
        private long count;

        long plus(int more) {
            count += more;
            return count;
        }

        long next() {
            return count++;
        }

        static void last() {
            last = last + 1;
        }

        boolean written(long more) {
            return (count = more + count) > 0;
        }

        void element() {
            ++counts[1];
        }

        void right(long more) {
            count = Count.sum(count, more);
            counts[0] = count;
        }
    }

    /** The same with the library's sums. */
    static final class SumsOfStreams {
        private SumsOfStreams() {}

        static long stream(long[] counts) {
            return Stream.of(counts).mapToLong(each -> each[0]).sum();
        }

        static void merged(Map<String, Long> counts) {
            counts.merge("", 1L, Long::sum);
        }

        static long rightStream(long[] counts) {
            return Stream.of(counts).mapToLong(each -> each[0]).reduce(0, Count::sum);
        }
    }
}
