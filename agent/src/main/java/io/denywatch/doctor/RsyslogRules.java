package io.denywatch.doctor;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The parts of rsyslog's configuration that show who can write to a file; rsyslog.conf(5). It is read leniently, and
 * only a rule that depends on the input module counts, because programs choose their names and facilities themselves.
 *
 * @param inputs the input modules that are loaded, sorted
 * @param ofKernel the rules that accept only messages from imklog, as text
 * @param others everything else, as text
 */
record RsyslogRules(Set<String> inputs, String ofKernel, String others) {
    private static final Path MAIN = Path.of("/etc/rsyslog.conf");
    private static final Path DIRECTORY = Path.of("/etc/rsyslog.d");
    private static final int CHARACTERS_MAX = 1 << 20;

    private static final Pattern COMMENT = Pattern.compile("(?m)^[ \\t]*#.*$|[ \\t]#.*$");
    private static final Pattern INPUT =
            Pattern.compile("(?i)(?:load[ \\t]*=[ \\t]*\"|\\$ModLoad[ \\t]+)(im[a-z0-9]+)");

    /** {@code if $inputname == 'imklog' [and …] then ACTION}: a condition with "or" or "not" could accept anything. */
    private static final Pattern OF_KERNEL = Pattern.compile(
            "\\bif\\s*\\(?\\s*\\$inputname\\s*==\\s*['\"]imklog['\"]((?:(?!\\b(?:then|or|not|else)\\b)[^{};])*)\\bthen\\s*"
                    + "(\\{[^{}]*\\}|action\\s*\\([^()]*\\)|[^\\s{}]+)(?!\\s*\\belse\\b)");

    /** Reads the configuration of a node. */
    static RsyslogRules of(Node node) {
        List<Path> files = new ArrayList<>(List.of(MAIN));
        files.addAll(node.list(DIRECTORY));
        StringBuilder text = new StringBuilder();
        for (Path file : files) {
            if (text.length() < CHARACTERS_MAX
                    && (file.equals(MAIN) || file.toString().endsWith(".conf"))) {
                text.append(node.text(file)).append('\n');
            }
        }
        return of(text.toString());
    }

    static RsyslogRules of(String text) {
        String rules = COMMENT.matcher(text).replaceAll("");
        Set<String> inputs = new TreeSet<>();
        Matcher input = INPUT.matcher(rules);
        while (input.find()) {
            inputs.add(input.group(1));
        }
        StringBuilder ofKernel = new StringBuilder();
        StringBuilder others = new StringBuilder();
        Matcher rule = OF_KERNEL.matcher(rules);
        while (rule.find()) {
            ofKernel.append(rule.group(2)).append('\n');
            rule.appendReplacement(others, " ");
        }
        rule.appendTail(others);
        return new RsyslogRules(inputs, ofKernel.toString(), others.toString());
    }

    /** Whether any rule names the file. */
    boolean writes(Path file) {
        return names(ofKernel, file) || names(others, file);
    }

    /**
     * Whether only rules for messages from imklog name the file. False if a file name depends on the message, because
     * it could be any file.
     */
    boolean writesKernelAlone(Path file) {
        return names(ofKernel, file)
                && !names(others, file)
                && !others.contains("dynaFile")
                && !others.contains("DynaFile")
                && !others.contains("?");
    }

    private static boolean names(String text, Path file) {
        return Pattern.compile("(?<![\\w./])" + Pattern.quote(file.toString()) + "(?![\\w./-])")
                .matcher(text)
                .find();
    }
}
