package io.denywatch.testing;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.NullMarked;

/**
 * Log lines from a seed in which most numbers are ordinary and a few are ones at which a range ends: that of a field, of an
 * int or a long, of exact doubles, of clocks. Confined to the thread that draws.
 */
@NullMarked
public final class EdgeLines {
    private static final String PACKET =
            "calico-packet: IN=eth1 OUT= MAC= SRC=192.0.2.{4} DST=203.0.113.{4} LEN={60|524280}"
                    + " TOS=0x00 PREC=0x00 TTL={63|255} ID={1|65535} DF ";
    private static final List<String> MESSAGES = List.of(
            "kernel: " + PACKET
                    + "PROTO=TCP SPT={40000|65535} DPT={443|65535} WINDOW={64240|65535} RES=0x00 SYN URGP={0|65535} ",
            "kernel: " + PACKET + "PROTO=UDP SPT={40000|65535} DPT={53|65535} LEN={40|65535} ",
            "kernel: " + PACKET + "PROTO=TCP INCOMPLETE [{4|4294967295} bytes] ",
            "kernel: message repeated {3|1000000} times: [ " + PACKET + "PROTO=2 ]",
            "kernel: message repeated {3|1000000} times: [ " + PACKET
                    + "PROTO=UDP SPT=1 DPT={53|65535} LEN={40|65535} ]",
            "kernel: calico-packet: IN=eth1 OUT= MAC= SRC=2001:0db8:0000:0000:0000:0000:0000:000{4}"
                    + " DST=2001:0db8:0000:0000:0000:0000:0000:00ff LEN={80|524280} TC={0|255} HOPLIMIT={61|255}"
                    + " FLOWLBL={7|1048575} PROTO={58|255} ",
            "kernel: net_ratelimit: {12|1000000000} callbacks suppressed",
            "kernel: [{12|4294967295}.345678] net_ratelimit: {12|1000000000} callbacks suppressed",
            "rsyslogd: imklog: {12|1000000000} messages lost due to rate-limiting",
            "kernel: printk: {12|1000000000} messages suppressed",
            "last message repeated {12|1000000} times",
            "systemd-journald[{1|4194304}]: Missed {12|1000000000} kernel messages",
            "kernel: systemd-journald[1]: Missed {12|1000000000} kernel messages",
            "kernel: calico-response-est: IN= OUT=eth1 SRC=203.0.113.{4} DST=192.0.2.{4} LEN={60|524280} TOS=0x00 PREC=0x00"
                    + " TTL=63 ID=0 DF PROTO=TCP SPT=443 DPT={40000|65535} WINDOW=1 RES=0x00 ACK SYN URGP=0 ",
            "cron[{7|4194304}]: nothing of interest");

    /** A number as it mostly is, and the largest that the field may have. */
    private static final Pattern NUMBER = Pattern.compile("\\{([0-9]+)(?:\\|([0-9]+))?}");

    private static final DateTimeFormatter YEARLESS = DateTimeFormatter.ofPattern("MMM ppd HH:mm:ss", Locale.ROOT);
    private static final List<String> FAR_TIMES = List.of(
            "0000-01-01T00:00:00Z",
            "0001-01-01T00:00:00+23:59",
            "1969-12-31T23:59:59.999999Z",
            "1970-01-01T00:00:00Z",
            "2038-01-19T03:14:07Z",
            "2038-01-19T03:14:08Z",
            "2106-02-07T06:28:15.999999Z",
            "2106-02-07T06:28:16Z",
            "2262-04-11T23:47:16.854775Z",
            "9999-12-31T23:59:59.999999Z",
            "9999-12-31T23:59:60-23:59",
            "2026-02-30T00:00:00Z");

    private final SplittableRandom random;

    /** The lines of a seed. */
    public EdgeLines(long seed) {
        random = new SplittableRandom(seed);
    }

    /** A line as it may be written now, without its newline. */
    public String line(Instant now) {
        String message = MESSAGES.get(random.nextInt(MESSAGES.size()));
        Matcher number = NUMBER.matcher(message);
        StringBuilder line = new StringBuilder(time(now)).append(" n1 ");
        while (number.find()) {
            number.appendReplacement(line, number(number.group(1), number.group(2)));
        }
        return number.appendTail(line).toString();
    }

    private String number(String usual, String largest) {
        return switch (random.nextInt(12)) {
            case 0 -> LineMutations.edge(random).toString();
            case 1, 2 -> largest == null ? usual : largest;
            default -> largest == null ? Integer.toString(random.nextInt(Integer.parseInt(usual))) : usual;
        };
    }

    private String time(Instant now) {
        return switch (random.nextInt(10)) {
            case 0 -> FAR_TIMES.get(random.nextInt(FAR_TIMES.size()));
            case 1 -> now.plusSeconds(random.nextLong(-200, 200)).toString();
            case 2 -> now.plusSeconds(86_400 + random.nextLong(-2, 3)).toString();
            case 3 -> YEARLESS.format(now.atOffset(ZoneOffset.UTC));
            default -> now.toString();
        };
    }
}
