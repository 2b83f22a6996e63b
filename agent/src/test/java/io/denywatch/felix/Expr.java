package io.denywatch.felix;

import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A selector, after libcalico-go/lib/selector/parser/ast.go. */
sealed interface Expr {
    boolean matches(Map<String, String> labels);

    /** Its normal form, which the conversion of policies puts together as text. */
    String text();

    /** The same over labels with a prefix. */
    Expr prefixed(String prefix);

    private static String quoted(String value) {
        String quote = value.contains("\"") ? "'" : "\"";
        return quote + value + quote;
    }

    /** {@code all()} and {@code global()}: both select everything; what the latter means, the conversion writes in its place. */
    record Everything(String name) implements Expr {
        @Override
        public boolean matches(Map<String, String> labels) {
            return true;
        }

        @Override
        public String text() {
            return name + "()";
        }

        @Override
        public Expr prefixed(String prefix) {
            return this;
        }
    }

    record Has(String label) implements Expr {
        @Override
        public boolean matches(Map<String, String> labels) {
            return labels.containsKey(label);
        }

        @Override
        public String text() {
            return "has(" + label + ")";
        }

        @Override
        public Expr prefixed(String prefix) {
            return new Has(prefix + label);
        }
    }

    record Comparison(String label, String operator, String value) implements Expr {
        @Override
        public boolean matches(Map<String, String> labels) {
            String held = labels.get(label);
            return switch (operator) {
                case "==" -> value.equals(held);
                case "!=" -> !value.equals(held);
                case "contains" -> held != null && held.contains(value);
                case "starts with" -> held != null && held.startsWith(value);
                default -> held != null && held.endsWith(value);
            };
        }

        @Override
        public String text() {
            return label + " " + operator + " " + quoted(value);
        }

        @Override
        public Expr prefixed(String prefix) {
            return new Comparison(prefix + label, operator, value);
        }
    }

    record Membership(String label, boolean in, TreeSet<String> values) implements Expr {
        @Override
        public boolean matches(Map<String, String> labels) {
            String held = labels.get(label);
            return held == null ? !in : values.contains(held) == in;
        }

        @Override
        public String text() {
            return label + (in ? " in {" : " not in {")
                    + values.stream().map(Expr::quoted).collect(Collectors.joining(", ")) + "}";
        }

        @Override
        public Expr prefixed(String prefix) {
            return new Membership(prefix + label, in, values);
        }
    }

    record Not(Expr operand) implements Expr {
        @Override
        public boolean matches(Map<String, String> labels) {
            return !operand.matches(labels);
        }

        @Override
        public String text() {
            return "!" + operand.text();
        }

        @Override
        public Expr prefixed(String prefix) {
            return new Not(operand.prefixed(prefix));
        }
    }

    record Junction(boolean and, List<Expr> operands) implements Expr {
        @Override
        public boolean matches(Map<String, String> labels) {
            return and
                    ? operands.stream().allMatch(operand -> operand.matches(labels))
                    : operands.stream().anyMatch(operand -> operand.matches(labels));
        }

        @Override
        public String text() {
            return operands.stream().map(Expr::text).collect(Collectors.joining(and ? " && " : " || ", "(", ")"));
        }

        @Override
        public Expr prefixed(String prefix) {
            return new Junction(
                    and,
                    operands.stream().map(operand -> operand.prefixed(prefix)).toList());
        }
    }
}
