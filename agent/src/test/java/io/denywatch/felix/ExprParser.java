package io.denywatch.felix;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;

/** Reads selectors, after libcalico-go/lib/selector/tokenizer and parser.go. Confined to one call. */
final class ExprParser {
    private static final int LABEL_MAX = 512;

    private static final class Bad extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private record Token(String kind, String value) {}

    private final List<Token> tokens = new ArrayList<>();
    private final String blanks;
    private final String text;
    private int at;

    private ExprParser(String text, Release release) {
        this.text = text;
        blanks = release.blanksInParentheses();
    }

    /** Empty where the text is no selector. */
    static Optional<Expr> parse(String text, Release release) {
        try {
            ExprParser parser = new ExprParser(text, release);
            parser.tokenize();
            parser.at = 0;
            if (parser.peek().equals("end")) {
                return Optional.of(new Expr.Everything("all"));
            }
            Expr expr = parser.junction(false);
            return parser.peek().equals("end") ? Optional.of(expr) : Optional.empty();
        } catch (Bad bad) {
            return Optional.empty();
        }
    }

    static boolean isLabel(String text) {
        return !text.isEmpty() && text.length() <= LABEL_MAX && text.chars().allMatch(c -> isOfLabel((char) c));
    }

    private static boolean isOfLabel(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || "_./-".indexOf(c) >= 0;
    }

    private void tokenize() {
        while (true) {
            skip(" \t");
            if (at == text.length()) {
                tokens.add(new Token("end", ""));
                return;
            }
            boolean afterLabel = !tokens.isEmpty() && tokens.getLast().kind().equals("label");
            char c = text.charAt(at);
            if ("(){},".indexOf(c) >= 0) {
                at++;
                tokens.add(new Token(String.valueOf(c), ""));
            } else if (c == '"' || c == '\'') {
                int end = text.indexOf(c, at + 1);
                if (end < 0) {
                    throw new Bad();
                }
                tokens.add(new Token("string", text.substring(at + 1, end)));
                at = end + 1;
            } else if (!took("==") && !took("!=") && !took("&&") && !took("||") && !took("!")) {
                if (afterLabel) {
                    operator();
                } else {
                    word();
                }
            }
        }
    }

    private boolean took(String sign) {
        if (!text.startsWith(sign, at)) {
            return false;
        }
        at += sign.length();
        tokens.add(new Token(sign, ""));
        return true;
    }

    private void operator() {
        for (String operator : List.of("contains", "starts with", "ends with", "not in", "in")) {
            int from = at;
            boolean fits = true;
            for (String word : operator.split(" ", -1)) {
                fits &= text.startsWith(word, at);
                at = Math.min(text.length(), at + word.length());
                skip(" \t");
            }
            if (fits && (at == text.length() || !isOfLabel(text.charAt(at)))) {
                tokens.add(new Token(operator, ""));
                return;
            }
            at = from;
        }
        throw new Bad();
    }

    private void word() {
        for (String function : List.of("has", "all", "global")) {
            if (text.startsWith(function + "(", at)) {
                at += function.length() + 1;
                skip(blanks);
                String label = function.equals("has") ? label() : "";
                skip(blanks);
                if (at == text.length() || text.charAt(at++) != ')') {
                    throw new Bad();
                }
                tokens.add(new Token(function, label));
                return;
            }
        }
        tokens.add(new Token("label", label()));
    }

    private String label() {
        int from = at;
        while (at < text.length() && isOfLabel(text.charAt(at))) {
            at++;
        }
        if (!isLabel(text.substring(from, at))) {
            throw new Bad();
        }
        return text.substring(from, at);
    }

    private void skip(String what) {
        while (at < text.length() && what.indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    private String peek() {
        return tokens.get(at).kind();
    }

    private String next(String kind) {
        if (!peek().equals(kind)) {
            throw new Bad();
        }
        return tokens.get(at++).value();
    }

    private Expr junction(boolean and) {
        List<Expr> operands = new ArrayList<>();
        do {
            operands.add(and ? operation() : junction(true));
        } while (peek().equals(and ? "&&" : "||") && at++ >= 0);
        return operands.size() == 1 ? operands.getFirst() : new Expr.Junction(and, operands);
    }

    private Expr operation() {
        boolean negated = false;
        while (peek().equals("!")) {
            at++;
            negated = !negated;
        }
        Token first = tokens.get(at++);
        Expr expr = switch (first.kind()) {
            case "has" -> new Expr.Has(first.value());
            case "all", "global" -> new Expr.Everything(first.kind());
            case "label" -> comparison(first.value());
            case "(" -> {
                Expr inner = junction(false);
                next(")");
                yield inner;
            }
            default -> throw new Bad();
        };
        return negated ? new Expr.Not(expr) : expr;
    }

    private Expr comparison(String label) {
        String operator = tokens.get(at++).kind();
        if (operator.equals("in") || operator.equals("not in")) {
            next("{");
            TreeSet<String> values = new TreeSet<>();
            while (peek().equals("string")) {
                values.add(next("string"));
                if (!peek().equals(",")) {
                    break;
                }
                at++;
            }
            next("}");
            return new Expr.Membership(label, operator.equals("in"), values);
        }
        if (!List.of("==", "!=", "contains", "starts with", "ends with").contains(operator)) {
            throw new Bad();
        }
        return new Expr.Comparison(label, operator, next("string"));
    }
}
