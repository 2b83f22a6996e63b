package io.denywatch.policy;

import java.util.ArrayList;
import java.util.List;

/** Reads Calico's selector language by recursive descent: {@code ||} binds weakest, then {@code &&}, then {@code !}. */
final class SelectorParser {
    /** Most nested brackets: deeper ones could exhaust the stack and are refused. */
    private static final int DEPTH_MAX = 100;

    private static final int LABEL_MAX = 512;

    private static final String NAME_PUNCTUATION = "_./-";

    private final String text;
    private final LabelScope scope;
    private int position;
    private int depth;

    /**
     * The owner of the labels in an expression. Calico copies labels of a namespace and of a service account to the
     * endpoint.
     *
     * @param prefix prefix of the copied labels
     * @param all what {@code all()} selects
     * @param global what {@code global()} selects; where Calico's API refuses it, it selects everything for Felix
     */
    record LabelScope(String prefix, Selector all, Selector global) {
        static final LabelScope ENDPOINT = new LabelScope("", Selector.all(), Selector.all());
        static final LabelScope NAMESPACE =
                new LabelScope("pcns.", new Selector.Has(Selector.NAMESPACE), Selector.global());
        static final LabelScope SERVICE_ACCOUNT = new LabelScope("pcsa.", Selector.all(), Selector.all());

        LabelScope meaning(Selector byAll, Selector byGlobal) {
            return new LabelScope(prefix, byAll, byGlobal);
        }
    }

    private SelectorParser(String text, LabelScope scope) {
        this.text = text;
        this.scope = scope;
    }

    static Selector parse(String text, LabelScope scope) {
        SelectorParser parser = new SelectorParser(text, scope);
        parser.skipBlanks();
        if (parser.atEnd()) {
            return scope.all;
        }
        Selector selector = parser.alternatives();
        if (!parser.atEnd()) {
            throw parser.unexpected("&&, || or the end");
        }
        return selector;
    }

    private Selector alternatives() {
        List<Selector> operands = new ArrayList<>();
        do {
            operands.add(conjunction());
        } while (take("||"));
        return Selector.or(operands);
    }

    private Selector conjunction() {
        List<Selector> operands = new ArrayList<>();
        do {
            operands.add(operation());
        } while (take("&&"));
        return Selector.and(operands);
    }

    private Selector operation() {
        boolean negated = false;
        while (take("!")) {
            negated = !negated;
        }
        Selector selector = take("(") ? inBrackets() : test();
        return negated ? Selector.not(selector) : selector;
    }

    private Selector inBrackets() {
        if (++depth > DEPTH_MAX) {
            throw unexpected("at most " + DEPTH_MAX + " brackets within each other");
        }
        Selector inner = alternatives();
        expect(")");
        depth--;
        return inner;
    }

    private Selector test() {
        if (take("all(")) {
            expect(")");
            return scope.all;
        }
        if (take("global(")) {
            expect(")");
            return scope.global;
        }
        if (take("has(")) {
            Selector has = new Selector.Has(label());
            expect(")");
            return has;
        }
        return comparison(label());
    }

    private Selector comparison(String label) {
        if (take("==")) {
            return new Selector.In(label, List.of(literal()));
        }
        if (take("!=")) {
            return Selector.not(new Selector.In(label, List.of(literal())));
        }
        if (take("contains")) {
            return new Selector.Like(label, Selector.MatchedPart.ANYWHERE, literal());
        }
        if (take("starts")) {
            expect("with");
            return new Selector.Like(label, Selector.MatchedPart.START, literal());
        }
        if (take("ends")) {
            expect("with");
            return new Selector.Like(label, Selector.MatchedPart.END, literal());
        }
        if (take("not")) {
            expect("in");
            return Selector.not(new Selector.In(label, literals()));
        }
        if (take("in")) {
            return new Selector.In(label, literals());
        }
        throw unexpected("==, !=, in, not in, contains, starts with or ends with");
    }

    private List<String> literals() {
        expect("{");
        List<String> values = new ArrayList<>();
        while (!take("}")) {
            values.add(literal());
            if (!take(",")) {
                expect("}");
                break;
            }
        }
        return values;
    }

    private String literal() {
        char quote = atEnd() ? ' ' : text.charAt(position);
        int end = quote == '\'' || quote == '"' ? text.indexOf(quote, position + 1) : -1;
        if (end < 0) {
            throw unexpected("a text in quotes");
        }
        String literal = text.substring(position + 1, end);
        if (!scope.prefix.isEmpty() && (literal.contains("all()") || literal.contains("global()"))) {
            throw unexpected("a text without all() and global(), which Calico would replace");
        }
        position = end + 1;
        skipBlanks();
        return literal;
    }

    private String label() {
        int start = position;
        while (!atEnd() && isNameCharacter(text.charAt(position))) {
            position++;
        }
        if (start == position || position - start > LABEL_MAX) {
            throw unexpected("a label of at most " + LABEL_MAX + " characters, has(), all() or global()");
        }
        String label = text.substring(start, position);
        skipBlanks();
        return scope.prefix + label;
    }

    private static boolean isNameCharacter(char c) {
        return NAME_PUNCTUATION.indexOf(c) >= 0 || (c < 128 && Character.isLetterOrDigit(c));
    }

    private void expect(String token) {
        if (!take(token)) {
            throw unexpected(token);
        }
    }

    /** Consumes the token and the blanks after it, if it comes next. */
    private boolean take(String token) {
        if (!text.startsWith(token, position)) {
            return false;
        }
        position += token.length();
        skipBlanks();
        return true;
    }

    private void skipBlanks() {
        while (!atEnd() && (text.charAt(position) == ' ' || text.charAt(position) == '\t')) {
            position++;
        }
    }

    private boolean atEnd() {
        return position == text.length();
    }

    private IllegalArgumentException unexpected(String allowed) {
        return new IllegalArgumentException(
                "selector \"" + text + "\" is invalid at character " + (position + 1) + "; allowed there: " + allowed);
    }
}
