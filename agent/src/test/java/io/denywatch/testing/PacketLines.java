package io.denywatch.testing;

import org.jspecify.annotations.NullMarked;

/**
 * Random log lines from a seed, by the kernel's grammar: every envelope, address family, protocol and place where a line
 * stops early. All characters are ISO 8859-1. Confined to the thread that draws.
 */
@NullMarked
public final class PacketLines {
    private static final String[] MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
    private static final String[] NAMES = {
        "eth0", "cali0123456789a", "tunl0", "vxlan.calico", "a@b=c", "wg-\u00e9", "en=IN"
    };
    private static final String[] PREFIXES = {
        "calico-packet: ", "calico-packet", "calico-drop: ", "calico-packet np default/allo", "calico-packet a/b.c: "
    };
    private static final String[] FOREIGN_PREFIXES = {
        "[UFW BLOCK] ", "", "IN= foo IN=bar ININ: ", "[FW-1]", "PHYSIN=x : "
    };
    private static final int DAYS_IN_EVERY_MONTH = 28;

    private final Draw draw;
    private final PacketBodies bodies;

    /** The lines of a seed. */
    public PacketLines(long seed) {
        draw = new Draw(seed);
        bodies = new PacketBodies(draw);
    }

    /** A line of any kind, among them ones that are none of ours. */
    public String line() {
        return switch (draw.below(20)) {
            case 0 -> trustedHead() + response() + body();
            case 1 -> untrustedHead() + configuredPrefix() + body();
            case 2 -> trustedHead() + draw.pick(FOREIGN_PREFIXES) + body();
            case 3 -> untrustedHead() + draw.pick(FOREIGN_PREFIXES) + body();
            case 4 -> trustedHead() + configuredPrefix() + uncountable();
            case 5 -> chatter();
            case 6, 7 -> repeated();
            default -> packetLine();
        };
    }

    /** A whole line with the default prefixes, for one packet. */
    public String packetLine() {
        return stripped(trustedHead() + configuredPrefix() + body());
    }

    private String repeated() {
        long count = draw.chance(8) ? 1 + draw.upTo(999_999) : 2 + draw.below(9);
        String body = configuredPrefix() + body();
        return tagged() + "message repeated " + count + " times: [ " + (draw.chance(4) ? callerId() : "") + body + "]";
    }

    /** Collectors strip the last blank, or add a carriage return. */
    private String stripped(String line) {
        String end = line.endsWith(" ") && draw.chance(3) ? line.substring(0, line.length() - 1) : line;
        return draw.chance(30) ? end + "\r" : end;
    }

    private String configuredPrefix() {
        return draw.pick(PREFIXES);
    }

    private String response() {
        return draw.pick("calico-response", "calico-packet", "calico-drop", "calico-packet-resp", "calico-drop to: a")
                + draw.pick("-est", "-rst", "-icmp-err", "", "-estimate")
                + draw.pick(": ", " ", "", ":");
    }

    private String trustedHead() {
        return switch (draw.below(10)) {
            case 0 -> kernelStamp() + " ";
            case 1 -> kernelStamp() + callerId();
            case 2 -> "[Mon Nov 15 01:42:08 2021] ";
            case 3 -> draw.pick("<5>1 ", "") + rfc3339() + " " + host() + " kernel" + fields();
            case 4 -> "<5>1 " + draw.pick("-", rfc3339()) + " " + draw.pick("-", host()) + " kernel" + fields();
            default ->
                tagged()
                        + draw.pick("", "", kernelStamp() + " ", callerId(), kernelStamp() + callerId(), kernelStamp());
        };
    }

    /** PROCID, MSGID and STRUCTURED-DATA of RFC 5424. */
    private String fields() {
        String element = "[meta" + draw.pick("", " sequenceId=\"27\"", " a=\"\" b=\"c \\\"d\\] \\\\\"", "@1") + "]";
        return draw.pick(" -", " 978") + draw.pick(" -", " kern") + " "
                + draw.pick("-", "-", element, element + "[origin x=\"y\"]")
                + draw.pick(" ", "  ", " \u00ef\u00bb\u00bf");
    }

    private String tagged() {
        String pri = draw.chance(10) ? "<" + draw.below(192) + ">" + draw.pick("", "1 ") : "";
        String host =
                draw.chance(12) ? "" : host() + " " + (draw.chance(8) ? draw.pick("user.warn ", "kern.info ") : "");
        return pri + time() + " " + host + "kernel: ";
    }

    private String untrustedHead() {
        return switch (draw.below(13)) {
            case 8 -> time() + " " + host() + " kernel[978]: ";
            case 9 -> time() + draw.pick(" 2026 ", " UTC ", ":") + host() + " kernel: ";
            case 10 -> "<13>1 " + draw.pick("-", rfc3339()) + " " + host() + " app" + fields();
            case 11 -> "<5>1 " + rfc3339() + " " + host() + " kernel - [x] ";
            case 12 -> "10.0.0.9: kern:  notice: [" + rfc3339() + "]: ";
            case 0 -> time() + " " + host() + " sshd[123]: ";
            case 1 -> time() + " " + host() + " app: ";
            case 2 -> time() + " " + host() + " ";
            case 3 -> rfc3339() + draw.pick(" stdout F ", " stderr P ") + draw.pick("", "", "kernel: ");
            case 4 -> "";
            case 5 -> time() + " " + host() + " sshd[7]: kernel: ";
            case 6 -> "app[12]: ";
            default -> time() + " " + host() + " kernelx: ";
        };
    }

    private String chatter() {
        long lost = draw.upTo(draw.chance(4) ? 1_000_000_000 : 100_000);
        String syslogd = draw.pick("", " syslogd:", " syslog-ng[3]:", " kernel:", " app:") + " ";
        return switch (draw.below(14)) {
            case 8 -> time() + draw.pick(" n1", "") + syslogd + "last message repeated " + lost + " times";
            case 9 ->
                time() + " n1" + syslogd + "Last message '"
                        + draw.pick("calico-packet: IN=et", "eth0: link up", "[    C3] calico-dro")
                        + "' repeated " + lost + " times, suppressed by syslog-ng on n1";
            case 10 ->
                time() + " n1 systemd-journal[1]: /dev/kmsg buffer overrun, some messages lost."
                        + draw.pick("", " (Dropped " + lost + " similar message(s))");
            case 11 ->
                tagged() + draw.pick("kauditd_printk_skb", "nf_log_x", "__ratelimit") + ": " + lost
                        + " callbacks suppressed";
            case 12 -> time() + " n1 rsyslogd: imkmsg: some messages in circular buffer got overwritten";
            case 13 -> "<46>1 " + rfc3339() + " n1 rsyslogd" + fields() + "imklog: " + lost + " messages lost";
            case 0 -> tagged() + "net_ratelimit: " + lost + " callbacks suppressed";
            case 1 -> time() + " n1 rsyslogd: imklog: " + lost + " messages lost due to rate-limiting (20000 allowed)";
            case 2 -> time() + " n1 rsyslogd[8]: imuxsock[pid 12]: " + lost + " messages lost due to rate-limiting";
            case 3 -> time() + " n1 systemd-journald[1]: Missed " + lost + " kernel messages";
            case 4 -> time() + " n1 systemd-journald[1]: Suppressed " + lost + " messages from app.service";
            case 5 -> tagged() + "systemd-journald[1]: Missed " + lost + " kernel messages";
            case 6 -> time() + " n1 app: net_ratelimit: " + lost + " callbacks suppressed";
            default -> tagged() + "eth0: link up";
        };
    }

    private String uncountable() {
        String mac = "IN=eth0 OUT= MAC=" + draw.mac(14) + " ";
        return draw.pick(
                mac,
                mac + "TRUNCATED",
                mac + "ARP HTYPE=1 PTYPE=0x0800 OPCODE=1 MACSRC=" + draw.mac(6) + " IPSRC=10.0.0.1 MACDST="
                        + draw.mac(6) + " IPDST=10.0.0.2",
                "",
                "IN=eth0 ",
                "IN= OUT=eth0 ");
    }

    private String time() {
        if (draw.chance(2)) {
            return rfc3339();
        }
        if (draw.chance(8)) {
            String local = "%04d-%02d-%02d".formatted(2000 + draw.below(100), 1 + draw.below(12), 1 + draw.below(28));
            return draw.chance(2)
                    ? local + draw.pick("T", " ") + clock() + draw.pick("", ",123", ".5")
                    : "Thu " + local + " " + clock() + draw.pick(" UTC", " CEST");
        }
        int day = 1 + draw.below(DAYS_IN_EVERY_MONTH);
        String date = (draw.chance(10) ? "2026 " : "") + draw.pick(MONTHS) + " "
                + draw.pick("%d", "%2d", "%02d").formatted(day);
        return date + " " + clock() + (draw.chance(8) ? "." + draw.digits(6) : "");
    }

    private String rfc3339() {
        String date = "%04d-%02d-%02d".formatted(2000 + draw.below(100), 1 + draw.below(12), 1 + draw.below(28));
        String fraction = draw.chance(4) ? "" : "." + draw.digits(1 + draw.below(9));
        return date + "T" + clock() + fraction + draw.pick("Z", "+00:00", "-08:00", "+0530", "+12:45");
    }

    private String clock() {
        return "%02d:%02d:%02d".formatted(draw.below(24), draw.below(60), draw.below(60));
    }

    private String host() {
        return draw.pick("n1", "worker-1", "ip-10-0-0-1.eu", "10.0.0.9", "2001:db8::1", "h\u00f6st");
    }

    private String kernelStamp() {
        return "[%5d.%06d]".formatted(draw.below(1_000_000), draw.below(1_000_000));
    }

    private String callerId() {
        return "[%6s] ".formatted(draw.pick("T", "C") + draw.below(1000));
    }

    private String body() {
        String in = draw.chance(6) ? "" : draw.pick(NAMES);
        String link = "IN=" + in + " OUT=" + (draw.chance(3) ? "" : draw.pick(NAMES)) + " "
                + (draw.chance(10) ? "PHYSIN=" + draw.pick(NAMES) + " " : "")
                + (draw.chance(10) ? "PHYSOUT=" + draw.pick(NAMES) + " " : "");
        return link + (in.isEmpty() ? "" : link()) + (draw.below(3) > 0 ? bodies.ipv4(false) : bodies.ipv6(false));
    }

    private String link() {
        return switch (draw.below(12)) {
            case 0 -> "";
            case 1 -> "MAC= ";
            case 2 -> "MAC=" + draw.mac(20) + " TUNNEL=" + draw.ipv4Text() + "->" + draw.ipv4Text() + " ";
            case 3 -> "MACSRC=" + draw.mac(6) + " MACDST=" + draw.mac(6) + " MACPROTO=0800 ";
            case 4 -> "MACSRC=" + draw.mac(6) + " MACDST=" + draw.mac(6) + " VPROTO=8100 VID=7 MACPROTO=86dd ";
            case 5 -> "MAC=" + draw.mac(148) + " ";
            default -> "MAC=" + draw.mac(14) + " ";
        };
    }
}
