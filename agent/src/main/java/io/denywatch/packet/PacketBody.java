package io.denywatch.packet;

/**
 * The kernel's part of a line, from {@code IN=} to the end: netfilter's LOG format, which did not change in its order
 * from Linux 3 to 6.18. Confined to the thread that parses.
 *
 * <p>The text is a copy that ends in zeros, so no step looks for the end: a zero matches nothing. Each step takes the
 * index where its field begins and returns the index behind the field's blank, or a negative number when the text breaks the grammar.
 */
final class PacketBody {
    /** Bytes behind the end of the text that must be there and be zero. */
    static final int PADDING = 48;

    private static final int INTERFACE_BYTES_MAX = 15;

    private static final int IN = (int) Ascii.word("IN=");
    private static final int OUT = (int) Ascii.word("OUT=");
    private static final long PHYSIN = Ascii.word("PHYSIN=");
    private static final long PHYSOUT = Ascii.word("PHYSOUT=");
    private static final int MAC = (int) Ascii.word("MAC=");
    private static final long MACSRC = Ascii.word("MACSRC=");
    private static final int UID = (int) Ascii.word("UID=");
    private static final int GID = (int) Ascii.word("GID=");
    private static final long MARK = Ascii.word("MARK=0x");
    private static final int ARP = (int) Ascii.word("ARP ");
    private static final int THREE_BYTES = 0xff_ffff;
    private static final long SEVEN_BYTES = 0xff_ffff_ffff_ffffL;

    private final LinkHeader link = new LinkHeader();
    private final FieldReader fields = new FieldReader();
    private final IpHeaderReader ip = new IpHeaderReader(fields);
    private int packetStart;

    Malformation malformation() {
        return fields.malformation();
    }

    int malformedAt() {
        return fields.malformedAt();
    }

    /** Index at which the packet began, {@code SRC=}, in the text that was read last; only of a well-formed one. */
    int packetStart() {
        return packetStart;
    }

    /** Reads {@code text[0, end)} into the packet; ranges are indexes of {@code text}. Whether it is well-formed. */
    boolean read(byte[] text, int end, DeniedPacket into) {
        fields.begin(text, end);
        int p = interfaces(text, 0, into);
        if (p >= 0) {
            p = linkLayer(text, p, end, into);
        }
        packetStart = p;
        if (p >= 0) {
            p = packet(text, p, end, into);
        }
        return p >= 0;
    }

    /** Reads {@code text[0, end)}, which begins with the packet. Whether it is well-formed. */
    boolean readPacket(byte[] text, int end, DeniedPacket into) {
        fields.begin(text, end);
        return packet(text, 0, end, into) >= 0;
    }

    private int interfaces(byte[] text, int at, DeniedPacket into) {
        if ((Ascii.int4(text, at) & THREE_BYTES) != IN) {
            return fields.unexpected(at);
        }
        into.inStart = at + 3;
        int p = name(text, into.inStart);
        if (p < 0) {
            return p;
        }
        into.inEnd = p - 1;
        if (Ascii.int4(text, p) != OUT) {
            return fields.unexpected(p);
        }
        into.outStart = p + 4;
        p = name(text, into.outStart);
        if (p < 0) {
            return p;
        }
        into.outEnd = fields.valueEnd(p);
        if (text[p] == 'P') {
            p = bridgePorts(text, p, into);
        }
        return p;
    }

    private int bridgePorts(byte[] text, int at, DeniedPacket into) {
        int p = at;
        if ((Ascii.long8(text, p) & SEVEN_BYTES) == PHYSIN) {
            into.physInStart = p + 7;
            p = name(text, into.physInStart);
            if (p < 0) {
                return p;
            }
            into.physInEnd = fields.valueEnd(p);
        }
        if (Ascii.long8(text, p) == PHYSOUT) {
            into.physOutStart = p + 8;
            p = name(text, into.physOutStart);
            if (p < 0) {
                return p;
            }
            into.physOutEnd = fields.valueEnd(p);
        }
        return p;
    }

    /** An interface name, which may be empty. */
    private int name(byte[] text, int at) {
        int length = Ascii.beforeBlank(Ascii.long8(text, at));
        if (length == 8) {
            length += Ascii.beforeBlank(Ascii.long8(text, at + 8));
        }
        for (int i = at; i < at + Math.min(length, INTERFACE_BYTES_MAX + 1); i++) {
            if (text[i] == 0) {
                return fields.separator(i);
            }
            if (text[i] == '/') {
                return fields.fail(Malformation.UNEXPECTED_FIELD, i);
            }
        }
        if (length > INTERFACE_BYTES_MAX) {
            return fields.fail(Malformation.UNEXPECTED_FIELD, at);
        }
        return at + length + 1;
    }

    private int linkLayer(byte[] text, int at, int end, DeniedPacket into) {
        if (Ascii.int4(text, at) == MAC) {
            into.macStart = at + 4;
            int macEnd = link.addressesEnd(text, into.macStart);
            if (macEnd < 0) {
                return fields.broken(~macEnd);
            }
            into.macEnd = macEnd;
            return link.afterTunnel(text, macEnd, fields);
        }
        return (Ascii.long8(text, at) & SEVEN_BYTES) == MACSRC ? link.decoded(text, at, end, fields) : at;
    }

    private int packet(byte[] text, int at, int end, DeniedPacket into) {
        if (at == end) {
            return fields.fail(Malformation.HEADER_ONLY, at);
        }
        if (Ascii.int4(text, at) == ARP) {
            return fields.fail(Malformation.ARP, at);
        }
        if (fields.isTruncated(at)) {
            return fields.fail(Malformation.TRUNCATED, at);
        }
        int p = ip.packet(at, into);
        if (p < 0 || p == end) {
            return p;
        }
        if (ip.stopped()) {
            return fields.unexpected(p);
        }
        return trailer(text, p, end, into);
    }

    /** {@code UID= GID= MARK=}: of the packet, not of its headers. */
    private int trailer(byte[] text, int at, int end, DeniedPacket into) {
        int p = at;
        if (Ascii.int4(text, p) == UID) {
            p = fields.decimal(p + 4, 0xffff_ffffL);
            if (p < 0) {
                return p;
            }
            into.uid = fields.value();
            if (Ascii.int4(text, p) != GID) {
                return fields.unexpected(p);
            }
            p = fields.decimal(p + 4, 0xffff_ffffL);
            if (p < 0) {
                return p;
            }
            into.gid = fields.value();
        }
        if ((Ascii.long8(text, p) & SEVEN_BYTES) == MARK) {
            p = fields.hex(p + 7, 1, 8);
            if (p < 0) {
                return p;
            }
            into.mark = fields.value();
        }
        return p == end ? p : fields.unexpected(p);
    }
}
