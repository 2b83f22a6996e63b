package io.denywatch.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SelectorTest {
    private static final long SEED = 20_261_124;

    /** All labellings of two labels with three values each, or none. */
    private static final List<Map<String, String>> LABELLINGS = labellings();

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            ibm.role=='worker_public'              ~ ibm.role=worker_public   ~ true
            ibm.role == "worker_public"            ~ ibm.role=worker_private  ~ false
            a != 'x'                               ~ b=x                      ~ true
            a != 'x'                               ~ a=x                      ~ false
            a in {'x', 'y'}                        ~ a=y                      ~ true
            a in {}                                ~ a=y                      ~ false
            a not in {'x','y'}                     ~ a=z                      ~ true
            a notin {'x','y'}                      ~ a=x                      ~ false
            a contains 'or'                        ~ a=worker                 ~ true
            a starts with 'wor'                    ~ a=worker                 ~ true
            a startswith 'or'                      ~ a=worker                 ~ false
            a ends   with 'ker'                    ~ a=worker                 ~ true
            has(kubernetes.io/hostname)            ~ kubernetes.io/hostname=n ~ true
            has( a )                               ~ b=1                      ~ false
            !has(a)                                ~ b=1                      ~ true
            !!has(a)                               ~ b=1                      ~ false
            all()                                  ~ b=1                      ~ true
            global()                               ~ b=1                      ~ true
            global()                               ~ projectcalico.org/namespace=shop ~ true
            a == 'x' || b == 'x' && c == 'x'       ~ a=x                      ~ true
            (a == 'x' || b == 'x') && c == 'x'     ~ a=x                      ~ false
            !(a == 'x' || b == 'x')                ~ c=x                      ~ true
            has == 'x'                             ~ has=x                    ~ true
            a == 'it"s'                            ~ a=it"s                   ~ true
            """)
    void selectsAsCalicoDoes(String text, String label, boolean selected) {
        String[] parts = label.split("=", 2);
        assertEquals(selected, Selector.parse(text).matches(Map.of(parts[0], parts[1])), text);
    }

    @Test
    void blankSelectsEverything() {
        assertEquals(Selector.all(), Selector.parse(" \t"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "a ==",
                "a = 'x'",
                "a == x",
                "a == 'x",
                "a == 'x' &&",
                "a == 'x' & b == 'x'",
                "(a == 'x'",
                "a == 'x')",
                "a in 'x'",
                "a in {'x'",
                "a in {'x' 'y'}",
                "has()",
                "has(a",
                "all",
                "!",
                "a starts 'x'",
                "a == 'x' b == 'y'",
                "ä == 'x'",
                "a == 'x'\n"
            })
    void refusesWhatIsNoSelectorAndSaysWhere(String text) {
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> Selector.parse(text))
                .getMessage());
        assertTrue(message.startsWith("selector \"" + text + "\" is invalid at character "), message);
    }

    @Test
    void refusesBracketsWithoutEndBeforeTheStackEnds() {
        assertThrows(IllegalArgumentException.class, () -> Selector.parse("(".repeat(1_000_000)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            a == 'x' && b == 'y'     ~ b=='y'&&(a=="x")
            !(a == 'x')              ~ a != 'x'
            a in {'y','x'}           ~ a in {'x', 'y', 'x'}
            !(a == 'x' || has(b))    ~ !has(b) && a != 'x'
            a == 'x' && all()        ~ a == 'x'
            a in {'x'}               ~ a == 'x'
            """)
    void equalsWhatDiffersInFormOnly(String one, String other) {
        assertEquals(Selector.parse(one), Selector.parse(other));
        assertTrue(Selector.parse(one).implies(Selector.parse(other)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', textBlock = """
            a == 'x'                              ~ has(a)
            a == 'x'                              ~ a != 'y'
            a == 'x'                              ~ a in {'x', 'y'}
            a == 'worker'                         ~ a starts with 'work'
            a == 'x' && b == 'y'                  ~ a == 'x'
            a == 'x'                              ~ a == 'x' || b == 'y'
            !has(a)                               ~ a != 'x'
            a starts with 'w'                     ~ a != 'x'
            a starts with 'w'                     ~ has(a)
            a in {'x', 'y'} && has(b)             ~ has(a) && has(b)
            """)
    void provesThatOneImpliesTheOther(String one, String other) {
        assertTrue(Selector.parse(one).implies(Selector.parse(other)));
        assertFalse(Selector.parse(other).implies(Selector.parse(one)), "and not the other way round");
    }

    @Test
    void impliesAndExcludesOnlyWhatNoLabellingContradicts() {
        int proven = 0;
        int holding = 0;
        for (long seed = SEED; seed < SEED + 5_000; seed++) {
            Random random = new Random(seed);
            Selector one = random(random, 3);
            Selector other = random(random, 3);
            String both = "seed " + seed + ": " + one + " => " + other;
            assertEquals(one, Selector.parse(one.toString()), both);
            boolean holds = LABELLINGS.stream().allMatch(labels -> !one.matches(labels) || other.matches(labels));
            boolean apart = LABELLINGS.stream().noneMatch(labels -> one.matches(labels) && other.matches(labels));
            assertTrue(!one.implies(other) || holds, both);
            assertTrue(!one.excludes(other) || apart, both);
            for (Map<String, String> labels : LABELLINGS) {
                assertEquals(!one.matches(labels), Selector.not(one).matches(labels), both);
            }
            proven += one.implies(other) ? 1 : 0;
            holding += holds ? 1 : 0;
        }
        assertTrue(proven * 10 > holding * 6, proven + " of " + holding + " implications proven");
    }

    private static Selector random(Random random, int depth) {
        String label = random.nextBoolean() ? "a" : "b";
        List<String> values = List.of("x", "xy", "y").subList(random.nextInt(3), 3);
        return switch (random.nextInt(depth == 0 ? 4 : 7)) {
            case 0 -> new Selector.Has(label);
            case 1 -> new Selector.In(label, values);
            case 2 -> new Selector.In(label, values.subList(0, 1));
            case 3 ->
                new Selector.Like(
                        label, Selector.MatchedPart.values()[random.nextInt(3)], random.nextBoolean() ? "x" : "y");
            case 4 -> Selector.not(random(random, depth - 1));
            case 5 -> Selector.and(List.of(random(random, depth - 1), random(random, depth - 1)));
            default -> Selector.or(List.of(random(random, depth - 1), random(random, depth - 1)));
        };
    }

    private static List<Map<String, String>> labellings() {
        List<Map<String, String>> all = new ArrayList<>();
        for (String a : new String[] {"", "x", "xy", "y", "other"}) {
            for (String b : new String[] {"", "x", "xy", "y", "other"}) {
                Map<String, String> labels = new HashMap<>();
                if (!a.isEmpty()) {
                    labels.put("a", a);
                }
                if (!b.isEmpty()) {
                    labels.put("b", b);
                }
                all.add(labels);
            }
        }
        return all;
    }
}
