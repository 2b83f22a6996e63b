package io.denywatch.packet;

import io.denywatch.packet.ReferenceReader.Malformed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The grammar of log lines a second time, slow and plain, to judge {@link PacketLogParser} by: regular expressions over
 * strings, no code in common with it.
 */
final class ReferenceParser {
    private static final String PRI = "(?:<[0-9]{1,3}>(?:1 )?)?";
    private static final String TIME =
            "(?<time>" + ReferenceTime.RFC3339 + "|" + ReferenceTime.SHORT_FULL + "|" + ReferenceTime.BSD + ") +";
    /** RFC 5424 has a dash for what is not known. */
    private static final String PRI_TIME = "(?:<[0-9]{1,3}>1 - +|" + PRI + TIME + ")";

    private static final String HOST_WORD = "(?<host>(?!kernel:)[^ =\\[][^ =]*(?<!:))";
    private static final String HOST_FACILITY = "(?:" + HOST_WORD + " +(?:[a-z0-9]+\\.[a-z]+ +)?)?";
    private static final String MESSAGE = "(?<message>.*)";
    private static final String MONOTONIC = "\\[ *[0-9]+\\.[0-9]{6}\\]";
    private static final String CALENDAR = "\\[(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) "
            + "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ 0-3][0-9] [0-9]{2}:[0-9]{2}:[0-9]{2} [0-9]{4}\\]";
    private static final String CALLER = "\\[ *[TC][0-9]+\\]";

    private static final String NAME = "[!#-<>-\\\\^-~]+";
    private static final String ELEMENT = "\\[" + NAME + "(?: " + NAME + "=\"(?:[^\"\\\\]|\\\\.)*\")*\\]";
    /** RFC 5424: PROCID, MSGID, STRUCTURED-DATA, and the mark that UTF-8 may begin with. */
    private static final String FIELDS = " [!-~]+ [!-~]+ (?:-|(?:" + ELEMENT + ")+) (?:\u00ef\u00bb\u00bf)? *";

    private static final String HEAD = "(?:" + PRI_TIME + HOST_FACILITY + "|" + PRI + ")";
    private static final String LAZY_HEAD =
            "(?:" + PRI_TIME + HOST_FACILITY.replaceAll("\\)\\?", ")??") + "|" + PRI + ")";
    private static final String LOGGERS = "(?<logger>rsyslogd|systemd-journald?|syslogd|syslog-ng)";

    private static final Pattern KERNEL = compile(HEAD + "kernel: *" + MESSAGE);
    private static final Pattern KERNEL_5424 = compile(LAZY_HEAD + "kernel" + FIELDS + MESSAGE);
    private static final Pattern MONOTONIC_HOST = compile(PRI + MONOTONIC + " *" + HOST_WORD + " +kernel: *" + MESSAGE);
    private static final Pattern DMESG = compile(PRI + "(?:(?=" + MONOTONIC + ")|" + CALENDAR + ")" + MESSAGE);
    private static final Pattern LOGGER = compile(HEAD + LOGGERS + "(?:\\[[0-9]+\\])?: +" + MESSAGE);
    private static final Pattern LOGGER_5424 = compile(LAZY_HEAD + LOGGERS + FIELDS + MESSAGE);
    private static final Pattern PROGRAM_5424 =
            compile("<[0-9]{1,3}>1 (?:- +|" + TIME + ")" + HOST_WORD + " +[^ ]+" + FIELDS + ".*");
    private static final Pattern CONTAINER = compile(PRI + TIME + "std(?:out|err) [FP] " + MESSAGE);
    private static final Pattern UNTAGGED = compile(PRI_TIME + HOST_FACILITY + MESSAGE);
    private static final Pattern BARE = compile(PRI + MESSAGE);
    private static final Pattern USER_SPACE =
            compile("(?:[^ ]+\\[[0-9]+\\]|rsyslogd|systemd-journald?|syslogd|syslog-ng):(?: .*)?");

    private static final Pattern STAMPS = compile(" *(?:" + MONOTONIC + " *)?(?:" + CALLER + " *)?" + MESSAGE);
    private static final Pattern REPEATED = compile(" *message repeated (?<count>[^ ]*) times: \\[(?<message>.*)");
    private static final Pattern COUNT = compile("[1-9][0-9]{0,9}");
    private static final Pattern RESPONSE = compile("-(?<kind>est|rst|icmp-err)(?:[: ].*|IN=.*)");
    private static final Pattern RESPONSE_AT_END = compile(".*-(?<kind>est|rst|icmp-err):? *");

    private static final long REPEAT_MAX = 1_000_000;

    private final Mode mode;
    private final Instant reference;

    private ReferenceParser(Mode mode, Instant reference) {
        this.mode = mode;
        this.reference = reference;
    }

    /**
     * Which lines are ours.
     *
     * @param prefixes literal starts of the message; not used with {@code any}
     * @param any every netfilter line is
     */
    record Mode(List<String> prefixes, boolean any) {
        static final Mode ANY = new Mode(List.of(), true);
        static final Mode DEFAULT = new Mode(List.of("calico-packet", "calico-drop"), false);

        static Mode prefixes(String... prefixes) {
            return new Mode(List.of(prefixes), false);
        }
    }

    /**
     * What a line is.
     *
     * @param reason only of a malformed line
     * @param fields of a packet or response line: numbers as Long, texts as String, {@code time} as Instant,
     *     {@code flags} as a list, {@code inner} as a map; of a suppression notice {@code suppressor} and {@code lost}
     */
    record Result(LineKind kind, @Nullable Malformation reason, SortedMap<String, Object> fields) {
        static final Result OTHER = new Result(LineKind.OTHER, null, new TreeMap<>());

        static Result malformed(Malformation reason) {
            return new Result(LineKind.MALFORMED, reason, new TreeMap<>());
        }
    }

    /**
     * Parses one line.
     *
     * @param line decoded as ISO 8859-1
     * @param reference what year-less stamps are read against
     */
    static Result parse(String line, Mode mode, Instant reference) {
        String text = line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
        ReferenceParser parser = new ReferenceParser(mode, reference);
        Result result = parser.line(text);
        boolean ours = text.contains(" OUT=") && parser.prefixes().stream().anyMatch(text::contains);
        return result.kind() == LineKind.OTHER && ours
                ? new Result(LineKind.UNRECOGNIZED, null, new TreeMap<>())
                : result;
    }

    private Result line(String line) {
        for (Pattern trusted : List.of(KERNEL, KERNEL_5424)) {
            Matcher head = trusted.matcher(line);
            if (head.matches()) {
                return kernel(repeatedOrPlain(head.group("message")), head, head.group("message"));
            }
        }
        Matcher monotonic = MONOTONIC_HOST.matcher(line);
        if (monotonic.matches()) {
            Result packet = kernel(repeatedOrPlain(monotonic.group("message")), null, monotonic.group("message"));
            return withHead(packet, null, monotonic.group("host"));
        }
        Matcher dmesg = DMESG.matcher(line);
        if (dmesg.matches()) {
            return kernel(repeatedOrPlain(dmesg.group("message")), null, dmesg.group("message"));
        }
        for (Pattern form : List.of(LOGGER, LOGGER_5424)) {
            Matcher logger = form.matcher(line);
            if (logger.matches()) {
                String message = logger.group("message");
                return switch (logger.group("logger")) {
                    case "rsyslogd" -> ReferenceNotices.ofRsyslog(message);
                    case "syslogd", "syslog-ng" -> repetition(message);
                    default -> ReferenceNotices.ofJournald(message);
                };
            }
        }
        return PROGRAM_5424.matcher(line).matches() ? Result.OTHER : untagged(line);
    }

    private Result kernel(Result packet, @Nullable Matcher head, String message) {
        if (packet.kind() == LineKind.OTHER) {
            Result notice = ReferenceNotices.ofKernel(stamped(message));
            return notice.kind() == LineKind.OTHER ? repetition(stamped(message)) : notice;
        }
        return head == null ? packet : withHead(packet, head.group("time"), head.group("host"));
    }

    /** Where only the beginning of a message is quoted, what there is of it and of a prefix must be the same. */
    private Result repetition(String message) {
        return ReferenceNotices.ofRepetition(
                message,
                quote -> prefixes().stream().anyMatch(prefix -> {
                    String text = stamped(quote);
                    int common = Math.min(text.length(), prefix.length());
                    return common > 0 && text.startsWith(prefix.substring(0, common));
                }));
    }

    /** Lines without the kernel's tag: container logs, a host alone, or the message alone. */
    private Result untagged(String line) {
        Matcher container = CONTAINER.matcher(line);
        Matcher head = UNTAGGED.matcher(line);
        Matcher bare = BARE.matcher(line);
        Matcher match = container.matches() ? container : head.matches() ? head : bare;
        if (match == bare && !bare.matches()) {
            throw new AssertionError(line);
        }
        String message = match.group("message");
        if (USER_SPACE.matcher(message).matches()) {
            return Result.OTHER;
        }
        String host = match == head ? match.group("host") : null;
        if (mode.any()) {
            Result packet = repeatedOrPlain(REPEATED.matcher(message).matches() ? message : afterKernelTag(message));
            if (packet.kind() != LineKind.OTHER) {
                return match == bare ? packet : withHead(packet, match.group("time"), host);
            }
        }
        boolean first = host != null && !ReferenceNotices.isAboutLast(stamped(message));
        return repetition(first ? line.substring(match.start("host")) : stamped(message));
    }

    /** A head of unknown form ends with the last kernel tag before the anchor. */
    private static String afterKernelTag(String message) {
        int anchor = anchor(message, 0);
        String tag = "kernel: ";
        int last = anchor < tag.length() ? -1 : message.lastIndexOf(tag, anchor - tag.length());
        return last < 0 ? message : message.substring(last + tag.length());
    }

    private Result withHead(Result packet, @Nullable String stamp, @Nullable String host) {
        if (packet.kind() != LineKind.PACKET && !packet.kind().isResponse()) {
            return packet;
        }
        Instant time = stamp == null ? null : ReferenceTime.parse(stamp, reference);
        if (time != null) {
            packet.fields().put("time", time);
        }
        if (host != null && !host.equals("-")) {
            packet.fields().put("host", host);
        }
        return packet;
    }

    private Result repeatedOrPlain(String message) {
        Matcher repeated = REPEATED.matcher(stamped(message));
        if (!repeated.matches()) {
            return message(message);
        }
        String rest = repeated.group("message").replaceFirst("\\] $", "]");
        boolean closed = rest.endsWith("]");
        Result inner = message(closed ? rest.substring(0, rest.length() - 1) : rest);
        if (inner.kind() == LineKind.OTHER) {
            return inner;
        }
        String count = repeated.group("count");
        if (!COUNT.matcher(count).matches() || Long.parseLong(count) > REPEAT_MAX) {
            return Result.malformed(Malformation.BAD_NUMBER);
        }
        if (!closed) {
            return Result.malformed(Malformation.CUT);
        }
        inner.fields().replace("repeat", Long.parseLong(count));
        return inner;
    }

    private static String stamped(String message) {
        Matcher stamps = STAMPS.matcher(message);
        if (!stamps.matches()) {
            throw new AssertionError(message);
        }
        return stamps.group("message");
    }

    private Result message(String withStamps) {
        String message = stamped(withStamps);
        LineKind kind = LineKind.PACKET;
        int searchFrom = 0;
        Matcher response = response(message);
        if (response != null) {
            kind = kindOf(response);
            searchFrom = response.end("kind");
        } else {
            String prefix =
                    prefixes().stream().filter(message::startsWith).findFirst().orElse(null);
            if (prefix == null && !mode.any()) {
                return Result.OTHER;
            }
            searchFrom = prefix == null ? 0 : prefix.length();
        }
        int anchor = anchor(message, searchFrom);
        if (anchor < 0) {
            boolean ours = response != null || searchFrom > 0;
            return ours ? Result.malformed(Malformation.NO_ANCHOR) : Result.OTHER;
        }
        Matcher end = RESPONSE_AT_END.matcher(message.substring(searchFrom, anchor));
        kind = response == null && end.matches() ? kindOf(end) : kind;
        try {
            SortedMap<String, Object> fields = ReferenceBody.parse(message.substring(anchor));
            String prefix = message.substring(0, anchor).replaceAll("^ +| +\\z", "");
            if (!prefix.isEmpty()) {
                fields.put("prefix", prefix);
            }
            fields.put("repeat", 1L);
            return new Result(kind, null, fields);
        } catch (Malformed malformed) {
            return Result.malformed(malformed.reason);
        }
    }

    private static LineKind kindOf(Matcher response) {
        return switch (response.group("kind")) {
            case "est" -> LineKind.RESPONSE_ESTABLISHED;
            case "rst" -> LineKind.RESPONSE_RESET;
            default -> LineKind.RESPONSE_ICMP_ERROR;
        };
    }

    private List<String> prefixes() {
        return mode.any() ? Mode.DEFAULT.prefixes() : mode.prefixes();
    }

    private @Nullable Matcher response(String message) {
        List<String> bases = new ArrayList<>(prefixes());
        bases.add("calico-response");
        for (String base : bases) {
            Matcher response = RESPONSE.matcher(message);
            if (message.startsWith(base)
                    && response.region(base.length(), message.length()).matches()) {
                return response;
            }
        }
        return null;
    }

    /** The last {@code IN=} before the first {@code OUT=}, leaving out {@code PHYSIN=}; -1 where there is none. */
    private static int anchor(String message, int from) {
        int out = message.indexOf(" OUT=", from);
        int in = out < 0 ? -1 : message.lastIndexOf("IN=", out);
        while (in >= from && message.startsWith("PHYS", in - 4)) {
            in = message.lastIndexOf("IN=", in - 1);
        }
        return in >= from ? in : -1;
    }

    private static Pattern compile(String regex) {
        return Pattern.compile(regex, Pattern.DOTALL);
    }
}
