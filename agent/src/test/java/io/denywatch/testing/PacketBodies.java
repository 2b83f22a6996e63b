package io.denywatch.testing;

import java.util.List;
import java.util.Locale;
import java.util.StringJoiner;
import org.jspecify.annotations.NullMarked;

/** The part of {@link PacketLines} from {@code SRC=} on. */
@NullMarked
final class PacketBodies {
    private static final List<String> FLAGS = List.of("AE", "CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN");

    private final Draw draw;

    PacketBodies(Draw draw) {
        this.draw = draw;
    }

    String ipv4(boolean nested) {
        String header = "SRC=%s DST=%s LEN=%d TOS=0x%02X PREC=0x%02X TTL=%d ID=%d %s%s%s"
                .formatted(
                        draw.ipv4Text(),
                        draw.ipv4Text(),
                        length(),
                        draw.below(256),
                        draw.below(256),
                        draw.upTo(255),
                        draw.upTo(65_535),
                        draw.chance(12) ? "CE " : "",
                        draw.chance(2) ? "DF " : "",
                        draw.chance(6) ? "MF " : "");
        if (draw.chance(30)) {
            return header + "TRUNCATED";
        }
        boolean later = draw.chance(8);
        String options = draw.chance(15) ? "OPT (" + draw.hex(2 * draw.below(9)).toUpperCase(Locale.ROOT) + ") " : "";
        String start = header + (later ? "FRAG:" + (1 + draw.below(8191)) + " " : "") + options;
        return later ? start + laterFragment("AH", nested) : start + transport(false, nested);
    }

    String ipv6(boolean nested) {
        String header = "SRC=%s DST=%s LEN=%d TC=%d HOPLIMIT=%d FLOWLBL=%d "
                .formatted(
                        draw.ipv6Text(),
                        draw.ipv6Text(),
                        length(),
                        draw.upTo(255),
                        draw.upTo(255),
                        draw.upTo(1_048_575));
        return switch (draw.below(14)) {
            case 0 -> header;
            case 1 -> header + "TRUNCATED";
            case 2 -> header + "FRAG:TRUNCATED ";
            case 7 -> header + "Unknown Ext Hdr " + draw.upTo(255);
            case 3 -> header + "OPT ( ) " + transport(true, nested);
            case 4 ->
                header + "OPT ( AH SPI=0x" + Integer.toHexString(draw.below(1 << 20)) + " ) " + transport(true, nested);
            case 5 -> header + "FRAG:0 " + more() + "ID:" + draw.hex(8) + " " + transport(true, nested);
            case 6 ->
                header + "FRAG:" + 8 * (1 + draw.below(8191)) + " " + more() + "ID:" + draw.hex(8) + " "
                        + (draw.chance(4) ? "" : laterFragment("58", nested));
            default -> header + transport(true, nested);
        };
    }

    private String more() {
        return draw.chance(2) ? "INCOMPLETE " : "";
    }

    private String laterFragment(String odd, boolean nested) {
        String proto = draw.pick("TCP", "UDP", "132", "6", odd);
        return (proto.equals("AH") ? "" : "PROTO=" + proto + " ") + after(nested);
    }

    private String after(boolean nested) {
        if (nested) {
            return "";
        }
        String uid = draw.chance(12) ? "UID=" + draw.upTo(0xffff_ffffL) + " GID=" + draw.upTo(1000) + " " : "";
        return uid + (draw.chance(5) ? "MARK=0x" + Integer.toHexString(1 + draw.below(Integer.MAX_VALUE)) + " " : "");
    }

    private String transport(boolean ipv6, boolean nested) {
        return switch (draw.below(10)) {
            case 0 -> "PROTO=" + draw.upTo(255) + " " + after(nested);
            case 1, 2 -> udp(nested);
            case 3, 4 -> (ipv6 ? icmp6(nested) : icmp(nested)) + after(nested);
            case 5 -> ipv6 ? udp(nested) : security() + after(nested);
            default -> tcp(nested);
        };
    }

    private String tcp(boolean nested) {
        String proto = "PROTO=" + (draw.chance(20) ? "6" : "TCP") + " ";
        if (draw.chance(nested ? 2 : 15)) {
            return proto + "INCOMPLETE [" + incomplete(19) + " bytes] ";
        }
        StringJoiner flags = new StringJoiner(" ", "", " ").setEmptyValue("");
        for (String flag : FLAGS) {
            if (draw.chance(4)) {
                flags.add(flag);
            }
        }
        String fields = proto + ports()
                + (draw.chance(8) ? "SEQ=" + draw.upTo(0xffff_ffffL) + " ACK=" + draw.upTo(9) + " " : "") + "WINDOW="
                + draw.upTo(65_535) + " RES=0x" + draw.hex(2) + " " + flags + "URGP=" + draw.upTo(65_535) + " ";
        return switch (draw.below(12)) {
            case 0 -> fields + "OPT (TRUNCATED)";
            case 1 -> fields + "OPT (020405B40402) " + after(nested);
            default -> fields + after(nested);
        };
    }

    private String udp(boolean nested) {
        String proto = "PROTO=" + draw.pick("UDP", "UDP", "UDP", "UDPLITE", "17", "136") + " ";
        return draw.chance(12)
                ? proto + "INCOMPLETE [" + incomplete(7) + " bytes] "
                : proto + ports() + "LEN=" + draw.upTo(65_535) + " " + after(nested);
    }

    private String security() {
        return "PROTO=" + draw.pick("AH", "ESP", "50", "51") + " "
                + (draw.chance(4)
                        ? "INCOMPLETE [4 bytes] "
                        : "SPI=0x" + Integer.toHexString(draw.below(Integer.MAX_VALUE)) + " ");
    }

    private String icmp(boolean nested) {
        int type = Integer.parseInt(draw.pick("0", "8", "3", "3", "4", "5", "11", "12", "13", "255"));
        int code = draw.below(6);
        String head = "PROTO=" + (draw.chance(15) ? "1" : "ICMP") + " ";
        if (draw.chance(15)) {
            return head + "INCOMPLETE [3 bytes] ";
        }
        head += "TYPE=" + type + " CODE=" + code + " ";
        if (draw.chance(15)) {
            return head + "INCOMPLETE [8 bytes] ";
        }
        return head
                + switch (type) {
                    case 0, 8 -> "ID=" + draw.upTo(65_535) + " SEQ=" + draw.upTo(65_535) + " ";
                    case 12 -> "PARAMETER=" + draw.upTo(255) + " ";
                    case 5 -> "GATEWAY=" + draw.ipv4Text() + " " + bracket(nested, false);
                    case 3 -> bracket(nested, false) + (code == 4 ? "MTU=" + draw.upTo(65_535) + " " : "");
                    case 4, 11 -> bracket(nested, false);
                    default -> "";
                };
    }

    private String icmp6(boolean nested) {
        int type = Integer.parseInt(draw.pick("1", "2", "3", "4", "128", "129", "135", "255"));
        String head = "PROTO=" + (draw.chance(15) ? "58" : "ICMPv6") + " ";
        if (draw.chance(15)) {
            return head + "INCOMPLETE [3 bytes] ";
        }
        head += "TYPE=" + type + " CODE=" + draw.below(8) + " ";
        return head
                + switch (type) {
                    case 128, 129 -> "ID=" + draw.upTo(65_535) + " SEQ=" + draw.upTo(65_535) + " ";
                    case 4 -> "POINTER=" + draw.hex(8) + " " + bracket(nested, true);
                    case 2 -> bracket(nested, true) + "MTU=" + draw.upTo(0xffff_ffffL) + " ";
                    case 1, 3 -> bracket(nested, true);
                    default -> "";
                };
    }

    private String bracket(boolean nested, boolean ipv6) {
        if (nested) {
            return "";
        }
        return draw.chance(10) ? "[TRUNCATED] " : "[" + (ipv6 ? ipv6(true) : ipv4(true)) + "] ";
    }

    private String ports() {
        return "SPT=" + draw.upTo(65_535) + " DPT=" + draw.upTo(65_535) + " ";
    }

    /** Where the IP header claims more than there is, the kernel prints a difference below 0 without its sign. */
    private long incomplete(int max) {
        return draw.chance(8) ? 0xffff_ffffL - draw.below(60) : draw.upTo(max);
    }

    private long length() {
        return draw.chance(10) ? draw.upTo(524_280) : draw.upTo(1500);
    }
}
