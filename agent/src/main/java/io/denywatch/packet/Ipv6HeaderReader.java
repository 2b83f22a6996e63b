package io.denywatch.packet;

/**
 * The fields of an IPv6 header and its extension headers. Index conventions as in {@link FieldReader}. Confined to the thread that parses.
 */
final class Ipv6HeaderReader {
    private static final int DST = (int) Ascii.word("DST=");
    private static final int LEN = (int) Ascii.word("LEN=");
    private static final int ID_COLON = (int) Ascii.word("ID:");
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
    private static final int FLOW_LABEL_MAX = (1 << 20) - 1;

    private final FieldReader fields;
    private final IpHeaderReader ip;
    private byte[] text = new byte[0];

    Ipv6HeaderReader(FieldReader fields, IpHeaderReader ip) {
        this.fields = fields;
        this.ip = ip;
    }

    /** The fields behind {@code SRC=}. */
    int read(int at, PacketHeader header) {
        text = fields.text();
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
        p = fields.key(p, DST);
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
        p = fields.key(p, LEN);
        p = p < 0 ? p : fields.decimal(p, IpHeaderReader.LENGTH_MAX);
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
                return ip.truncated(p + 9);
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
            if (next < 0 || ip.stopped()) {
                return next;
            }
            p = next;
        }
    }

    /** {@code Unknown Ext Hdr 43}, the last that the kernel prints. */
    private int unknownExtension(int at) {
        long word = Ascii.long8(text, at);
        int digits = Ascii.digits(word);
        if (digits == 0) {
            return fields.broken(at);
        }
        boolean byteValue = digits <= 3 && Ascii.decimal(word, digits) <= 255 && (digits == 1 || text[at] != '0');
        return byteValue ? ip.truncated(at + digits) : fields.fail(Malformation.BAD_NUMBER, at);
    }

    /** {@code FRAG:1448 INCOMPLETE ID:0a1b2c3d }; the offset is in bytes, INCOMPLETE says that more follow. */
    private int ipv6Fragment(int at, PacketHeader header) {
        boolean colon = text[at + 4] == ':';
        if (colon && fields.isTruncated(at + 5)) {
            return ip.truncated(at + 14);
        }
        if (!colon || text[at + 5] == 'T') {
            return fields.unexpected(at);
        }
        int p = fields.decimal(at + 5, 0xffff);
        if (p < 0) {
            return p;
        }
        header.fragmentOffset = (int) fields.value();
        if (header.fragmentOffset > 0) {
            ip.laterFragment();
        }
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
