package io.denywatch.packet;

import io.denywatch.ip.Ip;

/**
 * The fields of an IP header, and by way of {@link TransportReader} of what it carries. Index conventions as in
 * {@link FieldReader}. Confined to the thread that parses.
 */
final class IpHeaderReader {
    private static final int SRC = (int) Ascii.word("SRC=");
    private static final int DST = (int) Ascii.word("DST=");
    private static final int LEN = (int) Ascii.word("LEN=");
    private static final long TOS = Ascii.word("TOS=0x");
    private static final long PREC = Ascii.word("PREC=0x");
    private static final int TTL = (int) Ascii.word("TTL=");
    private static final int ID = (int) Ascii.word("ID=");
    private static final int ID_COLON = (int) Ascii.word("ID:");
    private static final int CE = (int) Ascii.word("CE ");
    private static final int DF = (int) Ascii.word("DF ");
    private static final int MF = (int) Ascii.word("MF ");
    private static final int FRAG = (int) Ascii.word("FRAG");
    private static final int OPT = (int) Ascii.word("OPT ");
    private static final int TC = (int) Ascii.word("TC=");
    private static final long HOPLIMIT = Ascii.word("HOPLIMIT");
    private static final long FLOWLBL = Ascii.word("FLOWLBL=");
    private static final long INCOMPLETE = Ascii.word("INCOMPLE");
    private static final long UNKNOWN = Ascii.word("Unknown ");
    private static final long EXTENSION_HEADER = Ascii.word("Ext Hdr ");
    private static final long AH_SPI = Ascii.word("AH SPI=0");
    private static final int THREE_BYTES = 0xff_ffff;
    private static final long SIX_BYTES = 0xffff_ffff_ffffL;
    private static final long SEVEN_BYTES = 0xff_ffff_ffff_ffffL;

    private static final int FRAGMENT_UNITS_MAX = 8191;
    private static final int FLOW_LABEL_MAX = (1 << 20) - 1;

    private final FieldReader fields;
    private final TransportReader transport;
    private byte[] text = new byte[0];
    private boolean stopped;
    private boolean laterFragment;

    IpHeaderReader(FieldReader fields) {
        this.fields = fields;
        transport = new TransportReader(fields, this);
    }

    /** Whether the packet read last ends where the kernel prints nothing more, not even a mark. */
    boolean stopped() {
        return stopped;
    }

    /** Whether the header read last is of a fragment behind the first, which carries no transport header. */
    boolean isLaterFragment() {
        return laterFragment;
    }

    void stop() {
        stopped = true;
    }

    /** The logged packet, from {@code SRC=} on. */
    int packet(int at, DeniedPacket into) {
        text = fields.text();
        stopped = false;
        // The kernel prints IPv6 addresses in groups of four digits, so a colon tells the family.
        into.outer.ipv6 = text[at + 8] == ':';
        return header(at, into.outer, into);
    }

    /** The packet inside an ICMP error, from behind its bracket up to the closing one. */
    int nested(int at, boolean ipv6, DeniedPacket into) {
        into.hasInner = true;
        into.inner.clear();
        into.inner.ipv6 = ipv6;
        int p = header(at, into.inner, into);
        stopped = false;
        return p;
    }

    private int header(int at, PacketHeader header, DeniedPacket into) {
        if (Ascii.int4(text, at) != SRC) {
            return fields.unexpected(at);
        }
        laterFragment = false;
        int p = header.ipv6 ? ipv6(at + 4, header) : ipv4(at + 4, header);
        return p < 0 || stopped ? p : transport.read(p, header, into);
    }

    private int ipv4(int at, PacketHeader header) {
        int p = fields.ipv4(at);
        if (p < 0) {
            return p;
        }
        header.sourceHigh = 0;
        header.sourceLow = Ip.IPV4_MAPPED_LOW | fields.value();
        p = key(p, DST);
        p = p < 0 ? p : fields.ipv4(p);
        if (p < 0) {
            return p;
        }
        header.destinationHigh = 0;
        header.destinationLow = Ip.IPV4_MAPPED_LOW | fields.value();
        p = key(p, LEN);
        p = p < 0 ? p : fields.decimal(p, Integer.MAX_VALUE);
        if (p < 0) {
            return p;
        }
        header.length = (int) fields.value();
        p = typeOfService(p, header);
        if (p < 0) {
            return p;
        }
        if (Ascii.int4(text, p) != TTL) {
            return fields.unexpected(p);
        }
        p = fields.decimal(p + 4, 255);
        if (p < 0) {
            return p;
        }
        header.ttl = (int) fields.value();
        if ((Ascii.int4(text, p) & THREE_BYTES) != ID) {
            return fields.unexpected(p);
        }
        p = fields.decimal(p + 3, 0xffff);
        if (p < 0) {
            return p;
        }
        header.id = fields.value();
        return fragmentFields(p, header);
    }

    /** Behind the blank at {@code at} and a key of four characters. */
    private int key(int at, int key) {
        if (text[at] != ' ') {
            return fields.fail(at == fields.end() ? Malformation.CUT : Malformation.BAD_ADDRESS, at);
        }
        return Ascii.int4(text, at + 1) == key ? at + 5 : fields.unexpected(at + 1);
    }

    private int typeOfService(int at, PacketHeader header) {
        if ((Ascii.long8(text, at) & SIX_BYTES) != TOS) {
            return fields.unexpected(at);
        }
        int p = fields.hexByte(at + 6);
        if (p < 0) {
            return p;
        }
        header.tos = (int) fields.value();
        if ((Ascii.long8(text, p) & SEVEN_BYTES) != PREC) {
            return fields.unexpected(p);
        }
        p = fields.hexByte(p + 7);
        header.precedence = (int) fields.value();
        return p;
    }

    private int fragmentFields(int at, PacketHeader header) {
        int p = at;
        if ((Ascii.int4(text, p) & THREE_BYTES) == CE) {
            header.reservedBit = true;
            p += 3;
        }
        if ((Ascii.int4(text, p) & THREE_BYTES) == DF) {
            header.dontFragment = true;
            p += 3;
        }
        if ((Ascii.int4(text, p) & THREE_BYTES) == MF) {
            header.moreFragments = true;
            p += 3;
        }
        if (Ascii.int4(text, p) == FRAG) {
            p = text[p + 4] == ':' ? fields.decimal(p + 5, FRAGMENT_UNITS_MAX) : fields.unexpected(p);
            if (p < 0) {
                return p;
            }
            header.fragmentOffset = (int) fields.value();
            laterFragment = header.fragmentOffset > 0;
        }
        if (fields.isTruncated(p)) {
            return truncated(p + 9);
        }
        return Ascii.int4(text, p) == OPT ? options(p) : p;
    }

    /** {@code OPT (0204..) } with capital letters; {@code OPT (TRUNCATED) } ends the packet. */
    int options(int at) {
        int p = at + 4;
        if (text[p] != '(') {
            return fields.unexpected(at);
        }
        p++;
        if (fields.isTruncated(p)) {
            return text[p + 9] == ')' ? truncated(p + 10) : fields.unexpected(at);
        }
        while (Ascii.hexUpper(text[p]) >= 0 && Ascii.hexUpper(text[p + 1]) >= 0) {
            p += 2;
        }
        if (text[p] == ')') {
            return fields.separator(p + 1);
        }
        boolean cut = p == fields.end() || (Ascii.hexUpper(text[p]) >= 0 && p + 1 == fields.end());
        return cut ? fields.fail(Malformation.CUT, p) : fields.unexpected(at);
    }

    /** Behind {@code TRUNCATED}, which is the last that the kernel prints. */
    private int truncated(int at) {
        stopped = true;
        return text[at] == ' ' ? at + 1 : at;
    }

    private int ipv6(int at, PacketHeader header) {
        int p = fields.ipv6Half(at);
        if (p < 0) {
            return p;
        }
        header.sourceHigh = fields.value();
        p = ipv6LowHalf(p);
        if (p < 0) {
            return p;
        }
        header.sourceLow = fields.value();
        p = key(p, DST);
        p = p < 0 ? p : fields.ipv6Half(p);
        if (p < 0) {
            return p;
        }
        header.destinationHigh = fields.value();
        p = ipv6LowHalf(p);
        if (p < 0) {
            return p;
        }
        header.destinationLow = fields.value();
        p = key(p, LEN);
        p = p < 0 ? p : fields.decimal(p, Integer.MAX_VALUE);
        if (p < 0) {
            return p;
        }
        header.length = (int) fields.value();
        p = trafficClassToFlowLabel(p, header);
        return p < 0 ? p : extensionHeaders(p, header);
    }

    private int ipv6LowHalf(int at) {
        return text[at] == ':'
                ? fields.ipv6Half(at + 1)
                : fields.fail(at == fields.end() ? Malformation.CUT : Malformation.BAD_ADDRESS, at);
    }

    private int trafficClassToFlowLabel(int at, PacketHeader header) {
        if ((Ascii.int4(text, at) & THREE_BYTES) != TC) {
            return fields.unexpected(at);
        }
        int p = fields.decimal(at + 3, 255);
        if (p < 0) {
            return p;
        }
        header.tos = (int) fields.value();
        if (Ascii.long8(text, p) != HOPLIMIT || text[p + 8] != '=') {
            return fields.unexpected(p);
        }
        p = fields.decimal(p + 9, 255);
        if (p < 0) {
            return p;
        }
        header.ttl = (int) fields.value();
        return Ascii.long8(text, p) == FLOWLBL ? fields.decimal(p + 8, FLOW_LABEL_MAX) : fields.unexpected(p);
    }

    /** Any number of brackets, fragment headers and authentication headers; an open bracket must be closed. */
    private int extensionHeaders(int at, PacketHeader header) {
        int p = at;
        boolean open = false;
        while (true) {
            if (fields.isTruncated(p)) {
                return truncated(p + 9);
            }
            if (Ascii.long8(text, p) == UNKNOWN && Ascii.long8(text, p + 8) == EXTENSION_HEADER) {
                return unknownExtension(p + 16);
            }
            int word = Ascii.int4(text, p);
            int next = p;
            if (word == FRAG) {
                next = ipv6Fragment(p, header);
            } else if (word == OPT) {
                next = text[p + 4] == '(' ? fields.separator(p + 5) : fields.unexpected(p);
                open = true;
            } else if (text[p] == ')') {
                next = fields.separator(p + 1);
                open = false;
            } else if (Ascii.long8(text, p) == AH_SPI && text[p + 8] == 'x') {
                next = fields.hex(p + 9, 1, 8);
            } else {
                return open ? fields.unexpected(p) : p;
            }
            if (next < 0 || stopped) {
                return next;
            }
            p = next;
        }
    }

    /** {@code Unknown Ext Hdr 43}, the last that the kernel prints. */
    private int unknownExtension(int at) {
        int p = KernelStamp.skipDigits(text, at, fields.end());
        return p == at ? fields.broken(at) : truncated(p);
    }

    /** {@code FRAG:1448 INCOMPLETE ID:0a1b2c3d }; the offset is in bytes, INCOMPLETE says that more follow. */
    private int ipv6Fragment(int at, PacketHeader header) {
        if (fields.isTruncated(at + 5)) {
            return truncated(at + 14);
        }
        if (text[at + 4] != ':' || text[at + 5] == 'T') {
            return fields.unexpected(at);
        }
        int p = fields.decimal(at + 5, 0xffff);
        if (p < 0) {
            return p;
        }
        header.fragmentOffset = (int) fields.value();
        laterFragment |= header.fragmentOffset > 0;
        header.moreFragments = false;
        if (Ascii.long8(text, p) == INCOMPLETE && text[p + 8] == 'T' && text[p + 9] == 'E') {
            header.moreFragments = true;
            p = fields.separator(p + 10);
            if (p < 0) {
                return p;
            }
        }
        if ((Ascii.int4(text, p) & THREE_BYTES) != ID_COLON) {
            return fields.unexpected(p);
        }
        p = fields.hex(p + 3, 8, 8);
        header.id = fields.value();
        return p;
    }
}
