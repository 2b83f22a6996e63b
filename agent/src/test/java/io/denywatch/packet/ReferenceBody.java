package io.denywatch.packet;

import static io.denywatch.packet.ReferenceReader.rule;

import io.denywatch.packet.ReferenceReader.Malformed;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** The kernel's part of a line, from {@code IN=} to the end: the grammar as one pattern for each group of fields. */
final class ReferenceBody {
    private static final long U8 = 255;
    private static final long U16 = 65_535;
    private static final long U20 = (1 << 20) - 1;
    private static final long U32 = 0xffff_ffffL;
    private static final long LENGTH_MAX = 524_280; // include/linux/netdevice.h: GSO_MAX_SIZE
    private static final long FRAGMENT_UNITS_MAX = 8191;

    private static final String OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    private static final String DOTTED = OCTET + "(?:\\." + OCTET + "){3}";
    static final Pattern IPV4 = Pattern.compile(DOTTED);
    private static final Pattern IPV6 = Pattern.compile("[0-9a-f]{4}(?::[0-9a-f]{4}){7}");
    private static final Pattern TUNNEL_ENDS = Pattern.compile(DOTTED + "->" + DOTTED);
    private static final Pattern MAC_BYTES = Pattern.compile("(?:[0-9a-f]{2}(?::[0-9a-f]{2})*)?");
    private static final Pattern MAC_ADDRESS = Pattern.compile("[0-9a-f]{2}(?::[0-9a-f]{2}){5}");
    private static final Pattern INTERFACE = Pattern.compile("[^ /\\x00]{0,15}");
    private static final Pattern UPPER_BYTE = Pattern.compile("[0-9A-F]{2}");
    private static final Pattern UPPER_BYTES = Pattern.compile("(?:[0-9A-F]{2})*");
    static final Pattern LOWER_BYTE = Pattern.compile("[0-9a-f]{2}");
    private static final Pattern LOWER_4 = Pattern.compile("[0-9a-f]{4}");
    static final Pattern LOWER_8 = Pattern.compile("[0-9a-f]{8}");
    static final Pattern LOWER_1_TO_8 = Pattern.compile("0|[1-9a-f][0-9a-f]{0,7}");

    private static final Pattern INTERFACES = rule("IN=# OUT=# ");
    private static final Pattern PHYSIN = rule("PHYSIN=# ");
    private static final Pattern PHYSOUT = rule("PHYSOUT=# ");
    private static final Pattern MAC = rule("MAC=# ");
    private static final Pattern TUNNEL = rule("TUNNEL=# ");
    private static final Pattern MACSRC = rule("MACSRC=# MACDST=# ");
    private static final Pattern VLAN = rule("VPROTO=# VID=# ");
    private static final Pattern MACPROTO = rule("MACPROTO=# ");
    private static final Pattern ARP = Pattern.compile("ARP ");
    private static final Pattern TRUNCATED = Pattern.compile("TRUNCATED ?");

    private static final Pattern HEADER_4 = rule("SRC=# DST=# LEN=# TOS=0x# PREC=0x# TTL=# ID=# ");
    private static final Pattern CE = rule("CE ");
    private static final Pattern DF = rule("DF ");
    private static final Pattern MF = rule("MF ");
    private static final Pattern FRAGMENT_4 = rule("FRAG:# ");
    private static final Pattern OPTIONS = rule("OPT \\(([^\\x20)]*+)\\) ");
    static final Pattern OPTIONS_TRUNCATED = Pattern.compile("OPT \\(TRUNCATED\\) ?");

    private static final Pattern HEADER_6 = rule("SRC=# DST=# LEN=# TC=# HOPLIMIT=# FLOWLBL=# ");
    private static final Pattern EXTENSION_BRACKET = rule("(?:(OPT \\( )|\\) )");
    private static final Pattern FRAGMENT_6 = rule("FRAG:# (INCOMPLETE )?ID:# ");
    private static final Pattern EXTENSION_AH = rule("AH SPI=0x# ");
    private static final Pattern STOP_6 =
            Pattern.compile("FRAG:TRUNCATED ?|TRUNCATED ?|Unknown Ext Hdr (?:" + OCTET + ")(?![0-9]) ?");

    private static final Pattern PROTO = rule("PROTO=# ");
    private static final Pattern UID = rule("UID=# GID=# ");
    private static final Pattern MARK = rule("MARK=0x# ");
    private static final Pattern NESTED_TRUNCATED = rule("\\[TRUNCATED\\] ");
    private static final Pattern NESTED_TRUNCATED_CUT = Pattern.compile("\\[T[A-Z]*\\]?\\z");
    private static final Pattern NESTED_START = rule("\\[");
    private static final Pattern NESTED_END = rule("\\] ");

    private static final Pattern MAPPED = Pattern.compile("(?:0000:){5}ffff:(..)(..):(..)(..)");
    private static final Pattern LEADING_ZEROS = Pattern.compile("(?<=^|:)0{1,3}");
    private static final List<Pattern> ZERO_RUNS = IntStream.iterate(8, zeros -> zeros >= 2, zeros -> zeros - 1)
            .mapToObj(zeros -> Pattern.compile("(^|:)0(?::0){" + (zeros - 1) + "}(:|$)"))
            .toList();

    private final ReferenceReader reader;
    private final ReferenceTransport transport;
    private final SortedMap<String, Object> fields = new TreeMap<>();

    private ReferenceBody(String body) {
        this.reader = new ReferenceReader(body);
        this.transport = new ReferenceTransport(reader, this::nested);
    }

    /**
     * The fields of the body.
     *
     * @throws Malformed if the kernel would not have printed it
     */
    static SortedMap<String, Object> parse(String body) {
        ReferenceBody parse = new ReferenceBody(body);
        parse.line();
        return parse.fields;
    }

    private void line() {
        link();
        if (reader.atEnd()) {
            throw new Malformed(Malformation.HEADER_ONLY);
        }
        if (reader.takes(ARP)) {
            throw new Malformed(Malformation.ARP);
        }
        if (reader.takes(TRUNCATED)) {
            throw reader.atEnd() ? new Malformed(Malformation.TRUNCATED) : reader.unexpected();
        }
        Matcher ipv4 = reader.optional(HEADER_4);
        boolean goesOn = ipv4 != null ? packet4(ipv4, fields, false) : packet6(fields, false);
        if (goesOn) {
            socketAndMark();
        }
        if (!reader.atEnd()) {
            throw reader.unexpected();
        }
    }

    private void link() {
        Matcher interfaces = reader.required(INTERFACES);
        name("in", interfaces, 1);
        name("out", interfaces, 2);
        name("physIn", reader.optional(PHYSIN), 1);
        name("physOut", reader.optional(PHYSOUT), 1);
        Matcher mac = reader.optional(MAC);
        if (mac != null) {
            String bytes = reader.value(mac, 1, MAC_BYTES, Malformation.BAD_ADDRESS);
            if (!bytes.isEmpty()) {
                fields.put("mac", bytes);
            }
            Matcher tunnel = reader.optional(TUNNEL);
            if (tunnel != null) {
                reader.value(tunnel, 1, TUNNEL_ENDS, Malformation.BAD_ADDRESS);
            }
            return;
        }
        Matcher decoded = reader.optional(MACSRC);
        if (decoded != null) {
            reader.value(decoded, 1, MAC_ADDRESS, Malformation.BAD_ADDRESS);
            reader.value(decoded, 2, MAC_ADDRESS, Malformation.BAD_ADDRESS);
            Matcher vlan = reader.optional(VLAN);
            if (vlan != null) {
                reader.hexadecimal(vlan, 1, LOWER_4);
                reader.decimal(vlan, 2, U16);
            }
            reader.hexadecimal(reader.required(MACPROTO), 1, LOWER_4);
        }
    }

    private void name(String field, @Nullable Matcher matcher, int group) {
        if (matcher != null) {
            String name = reader.value(matcher, group, INTERFACE, Malformation.UNEXPECTED_FIELD);
            if (!name.isEmpty()) {
                fields.put(field, name);
            }
        }
    }

    /** Whether the kernel goes on to what follows a packet; the header is taken already. */
    private boolean packet4(Matcher header, SortedMap<String, Object> into, boolean nested) {
        into.put("src", reader.value(header, 1, IPV4, Malformation.BAD_ADDRESS));
        into.put("dst", reader.value(header, 2, IPV4, Malformation.BAD_ADDRESS));
        into.put("len", reader.decimal(header, 3, LENGTH_MAX));
        into.put("tos", reader.hexadecimal(header, 4, UPPER_BYTE));
        into.put("prec", reader.hexadecimal(header, 5, UPPER_BYTE));
        into.put("ttl", reader.decimal(header, 6, U8));
        into.put("id", reader.decimal(header, 7, U16));
        flag("ce", CE, into);
        flag("df", DF, into);
        flag("mf", MF, into);
        Matcher fragment = reader.optional(FRAGMENT_4);
        long offset = fragment == null ? 0 : reader.decimal(fragment, 1, FRAGMENT_UNITS_MAX);
        if (fragment != null) {
            into.put("frag", offset);
        }
        if (reader.takes(TRUNCATED) || reader.takes(OPTIONS_TRUNCATED)) {
            return false;
        }
        options(reader);
        Matcher proto = offset > 0 ? reader.optional(PROTO) : reader.required(PROTO);
        List<String> names = List.of("TCP", "UDP", "UDPLITE", "ICMP", "AH", "ESP");
        return proto == null || transport.read(proto, names, offset > 0, nested, into);
    }

    private boolean packet6(SortedMap<String, Object> into, boolean nested) {
        Matcher header = reader.required(HEADER_6);
        into.put("src", rfc5952(reader.value(header, 1, IPV6, Malformation.BAD_ADDRESS)));
        into.put("dst", rfc5952(reader.value(header, 2, IPV6, Malformation.BAD_ADDRESS)));
        into.put("len", reader.decimal(header, 3, LENGTH_MAX));
        into.put("tos", reader.decimal(header, 4, U8));
        into.put("ttl", reader.decimal(header, 5, U8));
        reader.decimal(header, 6, U20);
        boolean laterFragment = false;
        boolean open = false;
        while (true) {
            if (reader.takes(STOP_6)) {
                return false;
            }
            Matcher fragment = reader.optional(FRAGMENT_6);
            if (fragment != null) {
                long offset = reader.decimal(fragment, 1, U16);
                laterFragment |= offset > 0;
                into.put("frag", offset);
                into.put("id", reader.hexadecimal(fragment, 3, LOWER_8));
                into.remove("mf");
                if (fragment.group(2) != null) {
                    into.put("mf", true);
                }
                continue;
            }
            Matcher ah = reader.optional(EXTENSION_AH);
            if (ah != null) {
                reader.hexadecimal(ah, 1, LOWER_1_TO_8);
                continue;
            }
            Matcher bracket = reader.optional(EXTENSION_BRACKET);
            if (bracket == null) {
                break;
            }
            open = bracket.group(1) != null;
        }
        if (open) {
            throw reader.unexpected();
        }
        Matcher proto = reader.optional(PROTO);
        // Without PROTO the kernel has given up on the packet, and prints neither UID nor MARK.
        List<String> names = List.of("TCP", "UDP", "UDPLITE", "ICMPv6");
        return proto != null && transport.read(proto, names, laterFragment, nested, into);
    }

    /** The packet in an ICMP error's bracket; false where the bracket is left out at the end of the line. */
    private boolean nested(boolean ipv6) {
        if (reader.atEnd() && reader.endsWithBlank()) {
            return false;
        }
        if (reader.takes(NESTED_TRUNCATED)) {
            return true;
        }
        if (reader.takes(NESTED_TRUNCATED_CUT)) {
            throw new Malformed(Malformation.CUT);
        }
        reader.required(NESTED_START);
        SortedMap<String, Object> inner = new TreeMap<>();
        if (ipv6) {
            packet6(inner, true);
        } else {
            packet4(reader.required(HEADER_4), inner, true);
        }
        reader.required(NESTED_END);
        fields.put("inner", inner);
        return true;
    }

    private void socketAndMark() {
        Matcher uid = reader.optional(UID);
        if (uid != null) {
            fields.put("uid", reader.decimal(uid, 1, U32));
            fields.put("gid", reader.decimal(uid, 2, U32));
        }
        Matcher mark = reader.optional(MARK);
        if (mark != null) {
            fields.put("mark", reader.hexadecimal(mark, 1, LOWER_1_TO_8));
        }
    }

    /** IPv4 or TCP options in full. */
    static void options(ReferenceReader reader) {
        Matcher options = reader.optional(OPTIONS);
        if (options != null) {
            reader.value(options, 1, UPPER_BYTES, Malformation.BAD_NUMBER);
        }
    }

    private void flag(String field, Pattern rule, SortedMap<String, Object> into) {
        if (reader.takes(rule)) {
            into.put(field, true);
        }
    }

    /** The canonical text of 39 bytes, by search and replace. */
    static String rfc5952(String full) {
        Matcher mapped = MAPPED.matcher(full);
        if (mapped.matches()) {
            StringBuilder dotted = new StringBuilder("::ffff");
            for (int i = 1; i <= 4; i++) {
                dotted.append(i == 1 ? ':' : '.').append(Integer.parseInt(mapped.group(i), 16));
            }
            return dotted.toString();
        }
        String shortened = LEADING_ZEROS.matcher(full).replaceAll("");
        for (Pattern zeros : ZERO_RUNS) {
            Matcher run = zeros.matcher(shortened);
            if (run.find()) {
                return run.replaceFirst("::");
            }
        }
        return shortened;
    }
}
