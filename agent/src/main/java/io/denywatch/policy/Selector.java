package io.denywatch.policy;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * An expression over labels in Calico's selector language, in negation normal form with sorted operands. Expressions
 * that differ only in spacing, order or double negation are equal. Made by {@link #parse}, {@link #and}, {@link #or}
 * and {@link #not}.
 */
public sealed interface Selector {
    /** The label that Calico gives to objects in a namespace. */
    String NAMESPACE = "projectcalico.org/namespace";

    /** Most steps of a comparison of two selectors; beyond that, no proof is found. */
    int IMPLIES_STEPS_MAX = 10_000;

    /** Everything. */
    record All() implements Selector {
        @Override
        public String toString() {
            return "all()";
        }
    }

    /** What has the label. */
    record Has(String label) implements Selector {
        @Override
        public String toString() {
            return "has(" + label + ")";
        }
    }

    /** What has the label with one of these values. */
    record In(String label, List<String> values) implements Selector {
        /** Sorts the values. */
        public In {
            values = List.copyOf(new TreeSet<>(values));
        }

        @Override
        public String toString() {
            return values.size() == 1
                    ? label + " == " + quoted(values.getFirst())
                    : label + " in "
                            + values.stream().map(Selector::quoted).collect(Collectors.joining(", ", "{", "}"));
        }
    }

    /** What has the label with a value that contains this text. */
    record Like(String label, MatchedPart part, String text) implements Selector {
        @Override
        public String toString() {
            return label + " " + part.operator + " " + quoted(text);
        }
    }

    /** What the operand does not select; the operand is none of {@code Not}, {@code And} and {@code Or}. */
    record Not(Selector operand) implements Selector {
        @Override
        public String toString() {
            return "!" + (operand instanceof Has || operand instanceof All ? operand : "(" + operand + ")");
        }
    }

    /** What all operands select. */
    record And(List<Selector> operands) implements Selector {
        @Override
        public String toString() {
            return operands.stream()
                    .map(operand -> operand instanceof Or ? "(" + operand + ")" : operand.toString())
                    .collect(Collectors.joining(" && "));
        }
    }

    /** What any operand selects. */
    record Or(List<Selector> operands) implements Selector {
        @Override
        public String toString() {
            return operands.stream().map(Selector::toString).collect(Collectors.joining(" || "));
        }
    }

    /** Which part of a value is compared. */
    enum MatchedPart {
        /** Any. */
        ANYWHERE("contains"),
        /** The first. */
        START("starts with"),
        /** The last. */
        END("ends with");

        private final String operator;

        MatchedPart(String operator) {
            this.operator = operator;
        }
    }

    /** A text in the kind of quotes that it does not contain; the language has no escapes. */
    private static String quoted(String text) {
        return text.contains("'") ? '"' + text + '"' : "'" + text + "'";
    }

    /**
     * Reads an expression over the labels of endpoints and network sets; a blank one selects everything.
     *
     * @throws IllegalArgumentException if it is not one; the message has the text and the position of the error
     */
    static Selector parse(String text) {
        return SelectorParser.parse(text, SelectorParser.LabelScope.ENDPOINT);
    }

    /** Everything. */
    static Selector all() {
        return new All();
    }

    /** What is in no namespace: host endpoints and global network sets. */
    static Selector global() {
        return new Not(new Has(NAMESPACE));
    }

    /** What all of them select. */
    static Selector and(Collection<Selector> operands) {
        List<Selector> parts = sorted(operands.stream()
                .flatMap(operand -> operand instanceof And and ? and.operands.stream() : Stream.of(operand))
                .filter(operand -> !(operand instanceof All)));
        return parts.isEmpty() ? all() : parts.size() == 1 ? parts.getFirst() : new And(parts);
    }

    /** What any of them selects; there must be at least one. */
    static Selector or(Collection<Selector> operands) {
        List<Selector> parts = sorted(operands.stream()
                .flatMap(operand -> operand instanceof Or or ? or.operands.stream() : Stream.of(operand)));
        return parts.contains(all()) ? all() : parts.size() == 1 ? parts.getFirst() : new Or(parts);
    }

    private static List<Selector> sorted(Stream<Selector> operands) {
        return operands.distinct()
                .sorted(Comparator.comparing(Selector::toString))
                .toList();
    }

    /** What it does not select. */
    static Selector not(Selector selector) {
        return switch (selector) {
            case Not not -> not.operand;
            case And and -> or(and.operands.stream().map(Selector::not).toList());
            case Or or -> and(or.operands.stream().map(Selector::not).toList());
            case All _, Has _, In _, Like _ -> new Not(selector);
        };
    }

    /** Whether it selects an object with exactly these labels. */
    default boolean matches(Map<String, String> labels) {
        return switch (this) {
            case All _ -> true;
            case Has has -> labels.containsKey(has.label);
            case In in -> labels.containsKey(in.label) && in.values.contains(labels.get(in.label));
            case Like like -> {
                String value = labels.get(like.label);
                yield value != null
                        && switch (like.part) {
                            case ANYWHERE -> value.contains(like.text);
                            case START -> value.startsWith(like.text);
                            case END -> value.endsWith(like.text);
                        };
            }
            case Not not -> !not.operand.matches(labels);
            case And and -> and.operands.stream().allMatch(operand -> operand.matches(labels));
            case Or or -> or.operands.stream().anyMatch(operand -> operand.matches(labels));
        };
    }

    /** Whether the expression depends on this label. */
    default boolean mentions(String label) {
        return switch (this) {
            case All _ -> false;
            case Has has -> has.label.equals(label);
            case In in -> in.label.equals(label);
            case Like like -> like.label.equals(label);
            case Not not -> not.operand.mentions(label);
            case And and -> and.operands.stream().anyMatch(operand -> operand.mentions(label));
            case Or or -> or.operands.stream().anyMatch(operand -> operand.mentions(label));
        };
    }

    /**
     * Whether the other selector provably selects everything that this one selects. {@code false} means that no proof
     * was found.
     */
    default boolean implies(Selector other) {
        return implies(other, new int[] {IMPLIES_STEPS_MAX});
    }

    /** The same with a limit of steps, because nested operands are compared many times. */
    private boolean implies(Selector other, int[] steps) {
        if (--steps[0] < 0) {
            return false;
        }
        if (other instanceof All || equals(other) || this instanceof Not(All _)) {
            return true;
        }
        if (this instanceof Or or) {
            return or.operands.stream().allMatch(operand -> operand.implies(other, steps));
        }
        if (other instanceof And and) {
            return and.operands.stream().allMatch(operand -> implies(operand, steps));
        }
        if (this instanceof And and && and.operands.stream().anyMatch(operand -> operand.implies(other, steps))) {
            return true;
        }
        if (other instanceof Or or) {
            return or.operands.stream().anyMatch(operand -> implies(operand, steps));
        }
        return oneTestImplies(other);
    }

    /** Whether provably nothing is selected by both. */
    default boolean excludes(Selector other) {
        return implies(not(other));
    }

    /**
     * Decides {@link #implies} for two tests of the same label, or their negations, by trying the values that they
     * name. {@code false} means that no proof was found.
     */
    private boolean oneTestImplies(Selector other) {
        String label = label();
        if (label.isEmpty() || !label.equals(other.label())) {
            return false;
        }
        Predicate<String> here = value -> matches(Map.of(label, value));
        return switch (this) {
            case In in -> in.values.stream().allMatch(value -> other.matches(Map.of(label, value)));
            case Not(Has _) -> other.matches(Map.of());
            case Has _, Like _, Not _ ->
                (other instanceof Has && !matches(Map.of()))
                        || (other instanceof Not(In in) && in.values.stream().noneMatch(here));
            case All _, And _, Or _ -> false;
        };
    }

    /** The label that a single test, or its negation, is about; empty for other expressions. */
    private String label() {
        return switch (this) {
            case Has has -> has.label;
            case In in -> in.label;
            case Like like -> like.label;
            case Not not -> not.operand.label();
            case All _, And _, Or _ -> "";
        };
    }
}
