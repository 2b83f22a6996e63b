package io.denywatch.packet;

import io.denywatch.ip.Ip;
import java.util.stream.Stream;

/**
 * Reads an IP packet: its header, its transport header and, in an ICMP error, the packet that caused the error. Confined
 * to the thread that parses.
 *
 * <p>Fields are read in the order in which the kernel prints them. Every step takes the index where its fields begin and
 * returns the index after them; a text that breaks the grammar makes {@link FieldReader} fail.
 */
final class IpPacketReader {
    /** The longest packet that the kernel logs; it may not be cut into segments yet (GSO_MAX_SIZE, BIG TCP). */
    private static final int LENGTH_MAX = 8 * 65_535;

    private static final int FRAGMENT_UNITS_MAX = 8191;
    private static final int FLOW_LABEL_MAX = (1 << 20) - 1;
    private static final int SHORT_MAX = 0xffff;
    private static final long INT_MAX = 0xffff_ffffL;
    private static final int FRAGMENTATION_NEEDED = 4;

    private static final long SRC = Ascii.word("SRC=");
    private static final long DST = Ascii.word("DST=");
    private static final long LEN = Ascii.word("LEN=");
    private static final long ID = Ascii.word("ID=");
    private static final long FRAG = Ascii.word("FRAG:");
    private static final long OPT = Ascii.word("OPT (");
    private static final long TOS = Ascii.word("TOS=0x");
    private static final long PREC = Ascii.word("PREC=0x");
    private static final long TTL = Ascii.word("TTL=");
    private static final long CE = Ascii.word("CE ");
    private static final long DF = Ascii.word("DF ");
    private static final long MF = Ascii.word("MF ");

    private static final long TC = Ascii.word("TC=");
    private static final long HOPLIMI = Ascii.word("HOPLIMIT");
    private static final long FLOWLBL = Ascii.word("FLOWLBL=");
    private static final long EQUALS = Ascii.word("=");
    private static final long ID_COLON = Ascii.word("ID:");
    private static final long INCOMPLE = Ascii.word("INCOMPLE");
    private static final long TE = Ascii.word("TE");
    private static final long UNKNOWN = Ascii.word("Unknown ");
    private static final long EXT_HDR = Ascii.word("Ext Hdr ");
    private static final long AH_SPI_0 = Ascii.word("AH SPI=0");
    private static final long X = Ascii.word("x");

    private static final long PROTO = Ascii.word("PROTO=");
    private static final long TCP = Ascii.word("TCP");
    private static final long UDP = Ascii.word("UDP");
    private static final long UDPLITE = Ascii.word("UDPLITE");
    private static final long ICMP = Ascii.word("ICMP");
    private static final long ICMPV6 = Ascii.word("ICMPv6");
    private static final long ESP = Ascii.word("ESP");
    private static final long AH = Ascii.word("AH");
    private static final long SPI = Ascii.word("SPI=0x");
    private static final long TE_BRACKET = Ascii.word("TE [");
    private static final long BYTES = Ascii.word("bytes]");

    private static final long SPT = Ascii.word("SPT=");
    private static final long DPT = Ascii.word("DPT=");
    private static final long SEQ = Ascii.word("SEQ=");
    private static final long ACK_NUMBER = Ascii.word("ACK=");
    private static final long WINDOW = Ascii.word("WINDOW=");
    private static final long RES = Ascii.word("RES=0x");
    private static final long URGP = Ascii.word("URGP=");
    private static final long ONLY_SYN = Ascii.word("SYN URGP");

    /** Names of the TCP flags, from the lowest bit to the highest. */
    private static final long[] FLAGS = Stream.of("FIN ", "SYN ", "RST ", "PSH ", "ACK ", "URG ", "ECE ", "CWR ", "AE ")
            .mapToLong(Ascii::word)
            .toArray();

    private static final long TYPE = Ascii.word("TYPE=");
    private static final long CODE = Ascii.word("CODE=");
    private static final long MTU = Ascii.word("MTU=");
    private static final long PARAMETE = Ascii.word("PARAMETE");
    private static final long R_EQUALS = Ascii.word("R=");
    private static final long GATEWAY = Ascii.word("GATEWAY=");
    private static final long POINTER = Ascii.word("POINTER=");

    private final FieldReader fields; // not owned
    private boolean stopped;
    private boolean laterFragment; // the header read last is of a fragment that carries no transport header

    IpPacketReader(FieldReader fields) {
        this.fields = fields;
    }

    /** Whether the packet read last ends where the kernel prints nothing more, not even a mark. */
    boolean stopped() {
        return stopped;
    }

    /** The packet that was logged, from {@code SRC=} on. */
    int packet(int at, DeniedPacket into) {
        stopped = false;
        // The kernel prints all four digits of each IPv6 group, so only IPv6 addresses have a colon after four.
        into.outer.ipv6 = fields.at(at + 8) == ':';
        return packet(at, into.outer, into);
    }

    private int packet(int at, PacketHeader header, DeniedPacket into) {
        laterFragment = false;
        int p = fields.key(at, SRC);
        p = header.ipv6 ? ipv6(p, header) : ipv4(p, header);
        return stopped ? p : protocol(p, header, into);
    }

    private int ipv4(int at, PacketHeader header) {
        int p = fields.ipv4(at);
        header.sourceHigh = 0;
        header.sourceLow = Ip.IPV4_MAPPED_LOW | fields.value();
        p = fields.ipv4(fields.nextKey(p, DST));
        header.destinationHigh = 0;
        header.destinationLow = Ip.IPV4_MAPPED_LOW | fields.value();
        p = fields.decimal(fields.nextKey(p, LEN), LENGTH_MAX);
        header.length = (int) fields.value();
        p = fields.hexByte(p, TOS);
        header.tos = (int) fields.value();
        p = fields.hexByte(p, PREC);
        header.precedence = (int) fields.value();
        p = fields.decimal(p, TTL, 255);
        header.ttl = (int) fields.value();
        p = fields.decimal(p, ID, SHORT_MAX);
        header.id = fields.value();
        return ipv4Fragment(p, header);
    }

    private int ipv4Fragment(int at, PacketHeader header) {
        int p = at;
        if (fields.is(p, CE)) {
            header.reservedBit = true;
            p += 3;
        }
        if (fields.is(p, DF)) {
            header.dontFragment = true;
            p += 3;
        }
        if (fields.is(p, MF)) {
            header.moreFragments = true;
            p += 3;
        }
        if (fields.is(p, FRAG)) {
            p = fragmentOffset(p, FRAGMENT_UNITS_MAX, header);
        }
        if (fields.isTruncated(p)) {
            return stop(p + 9);
        }
        return fields.is(p, OPT) ? options(p) : p;
    }

    private int fragmentOffset(int at, int max, PacketHeader header) {
        int p = fields.decimal(at, FRAG, max);
        header.fragmentOffset = (int) fields.value();
        laterFragment |= header.fragmentOffset > 0;
        return p;
    }

    /** {@code OPT (0204..) } with capital letters; {@code OPT (TRUNCATED) } ends the packet. */
    private int options(int at) {
        int p = at + 5;
        if (fields.isTruncated(p)) {
            return fields.at(p + 9) == ')' ? stop(p + 10) : fields.unexpected(at);
        }
        while (Ascii.hexUpper(fields.at(p)) >= 0 && Ascii.hexUpper(fields.at(p + 1)) >= 0) {
            p += 2;
        }
        if (fields.at(p) == ')') {
            return fields.separator(p + 1);
        }
        boolean cut = p == fields.end() || (Ascii.hexUpper(fields.at(p)) >= 0 && p + 1 == fields.end());
        return cut ? fields.fail(Malformation.CUT, p) : fields.unexpected(at);
    }

    /** Ends the packet after the last words that the kernel prints for it. */
    private int stop(int at) {
        stopped = true;
        return fields.at(at) == ' ' ? at + 1 : at;
    }

    private int ipv6(int at, PacketHeader header) {
        int p = fields.ipv6Half(at);
        header.sourceHigh = fields.value();
        p = fields.ipv6LowHalf(p);
        header.sourceLow = fields.value();
        p = fields.ipv6Half(fields.nextKey(p, DST));
        header.destinationHigh = fields.value();
        p = fields.ipv6LowHalf(p);
        header.destinationLow = fields.value();
        p = fields.decimal(fields.nextKey(p, LEN), LENGTH_MAX);
        header.length = (int) fields.value();
        p = fields.decimal(p, TC, 255);
        header.tos = (int) fields.value();
        p = fields.decimal(fields.key(p, HOPLIMI, EQUALS), 255);
        header.ttl = (int) fields.value();
        p = fields.decimal(p, FLOWLBL, FLOW_LABEL_MAX);
        return extensionHeaders(p, header);
    }

    /**
     * Any number of brackets, fragment headers and authentication headers. An open bracket must be closed, except before
     * {@code TRUNCATED} and {@code Unknown Ext Hdr 43}, after which the kernel prints nothing more.
     */
    private int extensionHeaders(int at, PacketHeader header) {
        int p = at;
        boolean open = false;
        while (!stopped) {
            if (fields.isTruncated(p)) {
                return stop(p + 9);
            }
            if (fields.is(p, UNKNOWN, EXT_HDR)) {
                return stop(fields.byteValue(p + 16));
            }
            if (fields.is(p, FRAG)) {
                p = ipv6Fragment(p, header);
            } else if (fields.is(p, OPT)) {
                p = fields.separator(p + 5);
                open = true;
            } else if (fields.at(p) == ')') {
                p = fields.separator(p + 1);
                open = false;
            } else if (fields.is(p, AH_SPI_0, X)) {
                p = fields.hex(p + 9, 1, 8);
            } else {
                return open ? fields.unexpected(p) : p;
            }
        }
        return p;
    }

    /** {@code FRAG:1448 INCOMPLETE ID:0a1b2c3d }. The offset is in bytes; INCOMPLETE: more fragments follow. */
    private int ipv6Fragment(int at, PacketHeader header) {
        if (fields.isTruncated(at + 5)) {
            return stop(at + 14);
        }
        if (fields.at(at + 5) == 'T') {
            return fields.unexpected(at);
        }
        int p = fragmentOffset(at, SHORT_MAX, header);
        header.moreFragments = fields.is(p, INCOMPLE, TE);
        p = header.moreFragments ? fields.separator(p + 10) : p;
        p = fields.hex(p, ID_COLON, 8, 8);
        header.id = fields.value();
        return p;
    }

    /** {@code PROTO=} and the transport header. A later fragment has none. */
    private int protocol(int at, PacketHeader header, DeniedPacket into) {
        if (!fields.is(at, PROTO)) {
            return withoutProtocol(at, header);
        }
        int p = at + 6;
        boolean numbered = fields.at(p) >= '0' && fields.at(p) <= '9';
        if (numbered) {
            p = fields.decimal(p, 255);
            header.protocol = (int) fields.value();
        } else {
            p = named(p, header);
        }
        if (laterFragment) {
            return p;
        }
        int next = transport(p, header, into);
        return next == p && !numbered ? fields.unexpected(p) : next;
    }

    /** No {@code PROTO=}: AH in a later IPv4 fragment; in IPv6, ESP or a later fragment of an extension header. */
    private int withoutProtocol(int at, PacketHeader header) {
        if (header.ipv6) {
            stopped = at == fields.end() || fields.at(at) == ']';
            return stopped ? at : fields.unexpected(at);
        }
        return laterFragment ? at : fields.unexpected(at);
    }

    private int named(int at, PacketHeader header) {
        if (fields.is(at, TCP)) {
            return name(at, TCP, IpProtocol.TCP, header);
        }
        if (fields.is(at, UDPLITE)) {
            return name(at, UDPLITE, IpProtocol.UDPLITE, header);
        }
        if (fields.is(at, UDP)) {
            return name(at, UDP, IpProtocol.UDP, header);
        }
        if (header.ipv6) {
            return fields.is(at, ICMPV6) ? name(at, ICMPV6, IpProtocol.ICMPV6, header) : fields.unexpected(at);
        }
        if (fields.is(at, ICMP)) {
            return name(at, ICMP, IpProtocol.ICMP, header);
        }
        if (fields.is(at, ESP)) {
            return name(at, ESP, IpProtocol.ESP, header);
        }
        return fields.is(at, AH) ? name(at, AH, IpProtocol.AH, header) : fields.unexpected(at);
    }

    /** A protocol's name. At the end of the text, it may be the beginning of a longer name that was cut. */
    private int name(int at, long name, int protocol, PacketHeader header) {
        header.protocol = protocol;
        int p = at + Ascii.length(name);
        return fields.at(p) == ' ' || p == fields.end() ? fields.separator(p) : fields.unexpected(at);
    }

    /** Reads the transport header, if it is there and the kernel prints it for this protocol and address family. */
    private int transport(int at, PacketHeader header, DeniedPacket into) {
        return switch (header.protocol) {
            case IpProtocol.TCP -> fields.is(at, SPT) ? tcp(at, header) : incomplete(at, header, true);
            case IpProtocol.UDP, IpProtocol.UDPLITE ->
                fields.is(at, SPT) ? udp(at, header) : incomplete(at, header, true);
            case IpProtocol.AH, IpProtocol.ESP -> header.ipv6 ? at : security(at, header);
            case IpProtocol.ICMP -> header.ipv6 ? at : icmp(at, header, into);
            case IpProtocol.ICMPV6 -> header.ipv6 ? icmp(at, header, into) : at;
            default -> at;
        };
    }

    private int security(int at, PacketHeader header) {
        return fields.is(at, SPI) ? fields.hex(at, SPI, 1, 8) : incomplete(at, header, false);
    }

    private int ports(int at, PacketHeader header) {
        int p = fields.decimal(at, SPT, SHORT_MAX);
        header.sourcePort = (int) fields.value();
        p = fields.decimal(p, DPT, SHORT_MAX);
        header.destinationPort = (int) fields.value();
        return p;
    }

    private int udp(int at, PacketHeader header) {
        int p = fields.decimal(ports(at, header), LEN, SHORT_MAX);
        header.udpLength = (int) fields.value();
        return p;
    }

    private int tcp(int at, PacketHeader header) {
        int p = ports(at, header);
        if (fields.is(p, SEQ)) {
            p = fields.decimal(p, SEQ, INT_MAX);
            p = fields.decimal(p, ACK_NUMBER, INT_MAX);
        }
        p = fields.decimal(p, WINDOW, SHORT_MAX);
        header.window = (int) fields.value();
        p = fields.hex(p, RES, 2, 2);
        p = flags(p, header);
        p = fields.decimal(p, URGP, SHORT_MAX);
        return fields.is(p, OPT) ? options(p) : p;
    }

    /** The kernel prints the flags from the highest bit to the lowest. */
    private int flags(int at, PacketHeader header) {
        if (fields.is(at, ONLY_SYN)) { // the usual case
            header.tcpFlags = PacketHeader.SYN;
            return at + 4;
        }
        int p = at;
        for (int bit = FLAGS.length - 1; bit >= 0; bit--) {
            if (fields.is(p, FLAGS[bit])) {
                header.tcpFlags |= 1 << bit;
                p += Ascii.length(FLAGS[bit]);
            }
        }
        return p;
    }

    /**
     * {@code INCOMPLETE [n bytes] }, if it is there: the header was too short to print.
     *
     * @param last whether the kernel prints nothing after it
     */
    private int incomplete(int at, PacketHeader header, boolean last) {
        if (!fields.is(at, INCOMPLE, TE_BRACKET)) {
            return at;
        }
        int p = fields.decimal(at + 12, INT_MAX);
        header.incompleteBytes = fields.value();
        p = fields.key(p, BYTES);
        stopped |= last;
        return fields.separator(p);
    }

    private int icmp(int at, PacketHeader header, DeniedPacket into) {
        if (!fields.is(at, TYPE)) {
            return incomplete(at, header, false);
        }
        int p = fields.decimal(at, TYPE, 255);
        header.icmpType = (int) fields.value();
        p = fields.decimal(p, CODE, 255);
        header.icmpCode = (int) fields.value();
        if (fields.is(p, INCOMPLE, TE_BRACKET)) {
            return incomplete(p, header, false);
        }
        return header.ipv6 ? icmpv6Message(p, header, into) : icmpMessage(p, header, into);
    }

    private int icmpMessage(int at, PacketHeader header, DeniedPacket into) {
        return switch (header.icmpType) {
            case 0, 8 -> echo(at);
            case 12 -> fields.decimal(fields.key(at, PARAMETE, R_EQUALS), 255);
            case 5 -> cause(fields.separator(fields.ipv4(fields.key(at, GATEWAY))), header, into, false);
            case 3, 4, 11 -> cause(at, header, into, header.icmpType == 3 && header.icmpCode == FRAGMENTATION_NEEDED);
            default -> at;
        };
    }

    private int icmpv6Message(int at, PacketHeader header, DeniedPacket into) {
        return switch (header.icmpType) {
            case 128, 129 -> echo(at);
            case 4 -> cause(fields.hex(at, POINTER, 8, 8), header, into, false);
            case 1, 2, 3 -> cause(at, header, into, header.icmpType == 2);
            default -> at;
        };
    }

    private int echo(int at) {
        return fields.decimal(fields.decimal(at, ID, SHORT_MAX), SEQ, SHORT_MAX);
    }

    /**
     * The packet that caused an error. The kernel nests packets only once, so it prints none for an error inside an
     * error. At the netdev egress hook, it prints none for any error: the line simply ends.
     */
    private int cause(int at, PacketHeader header, DeniedPacket into, boolean withMtu) {
        int p = at;
        if (header == into.outer) {
            boolean lineEnds = p == fields.end() && fields.endsWithBlank();
            if (fields.at(p) == '[') {
                p = nested(p + 1, header.ipv6, into);
            } else if (!lineEnds && !(withMtu && fields.is(p, MTU))) {
                return fields.unexpected(p);
            }
        }
        boolean ends = p == fields.end() && p == at;
        return withMtu && !ends ? fields.decimal(p, MTU, INT_MAX) : p;
    }

    /** After an opening bracket: a packet of the same family, and the closing bracket. */
    private int nested(int at, boolean ipv6, DeniedPacket into) {
        int p = at + 9;
        if (!fields.isTruncated(at)) {
            into.hasInner = true;
            into.inner.clear();
            into.inner.ipv6 = ipv6;
            p = packet(at, into.inner, into);
            stopped = false;
        }
        return fields.at(p) == ']' ? fields.separator(p + 1) : fields.unexpected(p);
    }
}
