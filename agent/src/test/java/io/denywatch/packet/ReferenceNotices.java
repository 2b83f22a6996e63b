package io.denywatch.packet;

import io.denywatch.packet.ReferenceParser.Result;
import java.math.BigInteger;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Lines about other lines that are not in the log, a second time: what {@link ReferenceParser} is for packets. */
final class ReferenceNotices {
    private static final BigInteger LINES_MAX = BigInteger.valueOf(1_000_000_000);
    private static final String LOST = "(?<lost>0|[1-9][0-9]*)";

    private static final List<Pattern> KERNEL = List.of(
            compile("(?:[^ :]*ratelimit|(?:printk|__printk|vprintk|nf_log|nft_|ipt_|ip6t_|xt_|log_tg)[^ :]*): " + LOST
                    + " callbacks suppressed *"),
            compile("printk: " + LOST + " messages suppressed.*"),
            compile("\\*\\* " + LOST + " printk messages dropped.*"));
    private static final List<Pattern> RSYSLOG = List.of(
            compile("(?:imklog|imkmsg|imjournal): " + LOST + " messages lost.*"),
            compile("(?<one>(?:imklog|imkmsg|imjournal): some messages in circular buffer got overwritten).*"));
    private static final List<Pattern> JOURNALD = List.of(
            compile("Missed " + LOST + " kernel messages.*"),
            compile("(?<one>/dev/kmsg buffer overrun, some messages lost\\.) \\(Dropped " + LOST
                    + " similar message.*"),
            compile("(?<one>/dev/kmsg buffer overrun, some messages lost\\.).*"));
    private static final Pattern JOURNALD_TAG = compile("systemd-journald?\\[[0-9]+\\]: (?<message>.*)");

    private static final String LAST = "(?:--- )?[Ll]ast message ";
    private static final String TIMES = "(?<lost>[1-9][0-9]*) times?";
    private static final Pattern REPETITION = compile(LAST + "repeated " + TIMES + "[ .-]*");
    private static final Pattern QUOTED =
            compile(LAST + "'(?<quote>(?:(?!' repeated ).)*)' repeated " + TIMES + ", suppressed by syslog-ng.*");

    private ReferenceNotices() {}

    private static Pattern compile(String regex) {
        return Pattern.compile(regex, Pattern.DOTALL);
    }

    /** A message of the kernel's, its stamps left out. */
    static Result ofKernel(String message) {
        Result own = first(KERNEL, Suppressor.KERNEL, message);
        Matcher tag = JOURNALD_TAG.matcher(message);
        return own.kind() == LineKind.OTHER ? ofJournald(tag.matches() ? tag.group("message") : message) : own;
    }

    static Result ofRsyslog(String message) {
        return first(RSYSLOG, Suppressor.RSYSLOG, message);
    }

    static Result ofJournald(String message) {
        return first(JOURNALD, Suppressor.JOURNALD, message);
    }

    /** Whether a message is about the last one. */
    static boolean isAboutLast(String message) {
        return compile(LAST + ".*").matcher(message).matches();
    }

    /**
     * A message that says how often the last one came.
     *
     * @param ours whether a message that begins so may be one of ours
     */
    static Result ofRepetition(String message, Predicate<String> ours) {
        Matcher quoted = QUOTED.matcher(message);
        if (quoted.matches()) {
            return ours.test(quoted.group("quote"))
                    ? result(LineKind.SUPPRESSION, Suppressor.SYSLOGD, new BigInteger(quoted.group("lost")))
                    : Result.OTHER;
        }
        Matcher plain = REPETITION.matcher(message);
        return plain.matches()
                ? result(LineKind.REPETITION, Suppressor.SYSLOGD, new BigInteger(plain.group("lost")))
                : Result.OTHER;
    }

    private static Result first(List<Pattern> forms, Suppressor suppressor, String message) {
        for (Pattern form : forms) {
            Matcher notice = form.matcher(message);
            if (notice.matches()) {
                boolean one = form.pattern().contains("?<one>");
                boolean more = form.pattern().contains("?<lost>");
                BigInteger lost = more ? new BigInteger(notice.group("lost")) : BigInteger.ZERO;
                return result(LineKind.SUPPRESSION, suppressor, one ? lost.add(BigInteger.ONE) : lost);
            }
        }
        return Result.OTHER;
    }

    private static Result result(LineKind kind, Suppressor suppressor, BigInteger lost) {
        if (lost.compareTo(LINES_MAX) > 0) {
            return Result.malformed(Malformation.BAD_NUMBER);
        }
        SortedMap<String, Object> fields = new TreeMap<>();
        fields.put("suppressor", suppressor);
        fields.put("lost", lost.longValueExact());
        return new Result(kind, null, fields);
    }
}
