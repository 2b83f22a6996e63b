package io.denywatch.packet;

/**
 * {@code PROTO=} and the transport header behind it. What is there is what the kernel prints: nothing in a later
 * fragment, {@code INCOMPLETE [n bytes]} for a header that was too short. Index conventions as in {@link FieldReader}.
 * Confined to the thread that parses.
 */
final class TransportReader {
    private static final long PROTO = Ascii.word("PROTO=");
    private static final int TCP = (int) Ascii.word("TCP");
    private static final int UDP = (int) Ascii.word("UDP");
    private static final long UDPLITE = Ascii.word("UDPLITE");
    private static final int ICMP = (int) Ascii.word("ICMP");
    private static final int ICMP_SIX = (int) Ascii.word("v6");
    private static final int ESP = (int) Ascii.word("ESP");
    private static final int AH = (int) Ascii.word("AH");
    private static final int SPT = (int) Ascii.word("SPT=");
    private static final int DPT = (int) Ascii.word("DPT=");
    private static final int LEN = (int) Ascii.word("LEN=");
    private static final int SEQ = (int) Ascii.word("SEQ=");
    private static final int ACK_NUMBER = (int) Ascii.word("ACK=");
    private static final long WINDOW = Ascii.word("WINDOW=");
    private static final long RES = Ascii.word("RES=0x");
    private static final long URGP = Ascii.word("URGP=");
    private static final int OPT = (int) Ascii.word("OPT ");
    private static final long SPI = Ascii.word("SPI=0x");
    private static final long INCOMPLETE = Ascii.word("INCOMPLE");
    private static final int INCOMPLETE_TAIL = (int) Ascii.word("TE [");
    private static final long BYTES = Ascii.word("bytes]");
    private static final int TWO_BYTES = 0xffff;
    private static final int THREE_BYTES = 0xff_ffff;
    private static final long FIVE_BYTES = 0xff_ffff_ffffL;
    private static final long SIX_BYTES = 0xffff_ffff_ffffL;
    private static final long SEVEN_BYTES = 0xff_ffff_ffff_ffffL;
    private static final long UNSIGNED_INT_MAX = 0xffff_ffffL;
    private static final int PORT_MAX = 65_535;

    private final FieldReader fields;
    private final IpHeaderReader ip;
    private final IcmpReader icmp;
    private byte[] text = new byte[0];

    TransportReader(FieldReader fields, IpHeaderReader ip) {
        this.fields = fields;
        this.ip = ip;
        icmp = new IcmpReader(fields, ip, this);
    }

    int read(int at, PacketHeader header, DeniedPacket into) {
        text = fields.text();
        boolean laterFragment = ip.isLaterFragment();
        if ((Ascii.long8(text, at) & SIX_BYTES) != PROTO) {
            return withoutProtocol(at, header, laterFragment);
        }
        int p = at + 6;
        boolean number = text[p] >= '0' && text[p] <= '9';
        p = number ? numbered(p, header) : named(p, header);
        if (p < 0 || laterFragment || !isPrinted(header)) {
            return p;
        }
        int next = payload(p, header, into);
        return next == p && !number ? fields.unexpected(p) : next;
    }

    /** AH in a later IPv4 fragment; ESP, or a later fragment of an extension header, in IPv6. */
    private int withoutProtocol(int at, PacketHeader header, boolean laterFragment) {
        if (header.ipv6) {
            if (at != fields.end() && text[at] != ']') {
                return fields.unexpected(at);
            }
            ip.stop();
            return at;
        }
        return laterFragment ? at : fields.unexpected(at);
    }

    private int numbered(int at, PacketHeader header) {
        int p = fields.decimal(at, 255);
        header.protocol = (int) fields.value();
        return p;
    }

    private int named(int at, PacketHeader header) {
        int word = Ascii.int4(text, at);
        int three = word & THREE_BYTES;
        if (three == TCP) {
            header.protocol = IpProtocol.TCP;
            return fields.separator(at + 3);
        }
        if (three == UDP) {
            boolean lite = (Ascii.long8(text, at) & SEVEN_BYTES) == UDPLITE;
            header.protocol = lite ? IpProtocol.UDPLITE : IpProtocol.UDP;
            return name(lite ? at + 7 : at + 3, at);
        }
        if (word == ICMP) {
            boolean six = (Ascii.int4(text, at + 4) & TWO_BYTES) == ICMP_SIX;
            header.protocol = six ? IpProtocol.ICMPV6 : IpProtocol.ICMP;
            return six == header.ipv6 ? name(six ? at + 6 : at + 4, at) : fields.unexpected(at);
        }
        if (!header.ipv6 && three == ESP) {
            header.protocol = IpProtocol.ESP;
            return fields.separator(at + 3);
        }
        if (!header.ipv6 && (word & TWO_BYTES) == AH) {
            header.protocol = IpProtocol.AH;
            return fields.separator(at + 2);
        }
        return fields.unexpected(at);
    }

    /** Behind a name, which at the text's end may be the beginning of a longer one. */
    private int name(int behind, int at) {
        return text[behind] == ' ' || behind == fields.end() ? fields.separator(behind) : fields.unexpected(at);
    }

    /** Whether the kernel prints the protocol's header in this address family. */
    private static boolean isPrinted(PacketHeader header) {
        return switch (header.protocol) {
            case IpProtocol.TCP, IpProtocol.UDP, IpProtocol.UDPLITE -> true;
            case IpProtocol.ICMP, IpProtocol.AH, IpProtocol.ESP -> !header.ipv6;
            case IpProtocol.ICMPV6 -> header.ipv6;
            default -> false;
        };
    }

    /** The transport header, if there is one at {@code at}. */
    private int payload(int at, PacketHeader header, DeniedPacket into) {
        return switch (header.protocol) {
            case IpProtocol.TCP -> Ascii.int4(text, at) == SPT ? tcp(at, header) : tooShort(at, header, true);
            case IpProtocol.UDP, IpProtocol.UDPLITE ->
                Ascii.int4(text, at) == SPT ? udp(at, header) : tooShort(at, header, true);
            case IpProtocol.AH, IpProtocol.ESP -> security(at, header);
            default -> icmp.read(at, header, into);
        };
    }

    private int ports(int at, PacketHeader header) {
        int p = fields.decimal(at + 4, PORT_MAX);
        if (p < 0) {
            return p;
        }
        header.sourcePort = (int) fields.value();
        if (Ascii.int4(text, p) != DPT) {
            return fields.unexpected(p);
        }
        p = fields.decimal(p + 4, PORT_MAX);
        header.destinationPort = (int) fields.value();
        return p;
    }

    private int udp(int at, PacketHeader header) {
        int p = ports(at, header);
        if (p < 0) {
            return p;
        }
        if (Ascii.int4(text, p) != LEN) {
            return fields.unexpected(p);
        }
        p = fields.decimal(p + 4, 0xffff);
        header.udpLength = (int) fields.value();
        return p;
    }

    private int tcp(int at, PacketHeader header) {
        int p = ports(at, header);
        if (p < 0) {
            return p;
        }
        if (Ascii.int4(text, p) == SEQ) {
            p = fields.decimal(p + 4, UNSIGNED_INT_MAX);
            if (p >= 0) {
                p = Ascii.int4(text, p) == ACK_NUMBER ? fields.decimal(p + 4, UNSIGNED_INT_MAX) : fields.unexpected(p);
            }
            if (p < 0) {
                return p;
            }
        }
        if ((Ascii.long8(text, p) & SEVEN_BYTES) != WINDOW) {
            return fields.unexpected(p);
        }
        p = fields.decimal(p + 7, 0xffff);
        if (p < 0) {
            return p;
        }
        header.window = (int) fields.value();
        if ((Ascii.long8(text, p) & SIX_BYTES) != RES) {
            return fields.unexpected(p);
        }
        p = fields.hex(p + 6, 2, 2);
        if (p < 0) {
            return p;
        }
        p = flags(p, header);
        if ((Ascii.long8(text, p) & FIVE_BYTES) != URGP) {
            return fields.unexpected(p);
        }
        p = fields.decimal(p + 5, 0xffff);
        return p >= 0 && Ascii.int4(text, p) == OPT ? ip.options(p) : p;
    }

    /** The flags, which the kernel prints from the highest bit down. */
    private int flags(int at, PacketHeader header) {
        int p = at;
        int flags = 0;
        int lowest = PacketHeader.AE << 1;
        while (true) {
            int flag = TcpFlag.bit(Ascii.int4(text, p));
            if (flag == 0 || flag >= lowest) {
                header.tcpFlags = flags;
                return p;
            }
            flags |= flag;
            lowest = flag;
            p += flag == PacketHeader.AE ? 3 : 4;
        }
    }

    private int security(int at, PacketHeader header) {
        if ((Ascii.long8(text, at) & SIX_BYTES) == SPI) {
            return fields.hex(at + 6, 1, 8);
        }
        return tooShort(at, header, false);
    }

    /**
     * {@code INCOMPLETE [n bytes] }, if it is there.
     *
     * @param last whether the kernel prints nothing behind it
     */
    int tooShort(int at, PacketHeader header, boolean last) {
        if (Ascii.long8(text, at) != INCOMPLETE) {
            return at;
        }
        if (Ascii.int4(text, at + 8) != INCOMPLETE_TAIL) {
            return fields.unexpected(at);
        }
        int p = fields.decimal(at + 12, UNSIGNED_INT_MAX);
        if (p < 0) {
            return p;
        }
        header.incompleteBytes = fields.value();
        if ((Ascii.long8(text, p) & SIX_BYTES) != BYTES) {
            return fields.unexpected(p);
        }
        if (last) {
            ip.stop();
        }
        return fields.separator(p + 6);
    }
}
