package io.denywatch.packet;

/**
 * Reads the kernel's part of a line, from {@code IN=} to the end: netfilter's LOG format, whose fields have the
 * same order in Linux 3 to 6.18. Confined to the thread that parses.
 *
 * <p>The text is a copy followed by zeros, so no step checks for the end before it reads; see {@link FieldReader}.
 */
final class PacketBody {
    /** Zeros that must follow the end of the text. */
    static final int PADDING = 48;

    private static final int INTERFACE_BYTES_MAX = 15;
    private static final int ETHERNET_ADDRESS_CHARACTERS = 17;
    private static final long INT_MAX = 0xffff_ffffL;

    private static final long IN = Ascii.word("IN=");
    private static final long OUT = Ascii.word("OUT=");
    private static final long PHYSIN = Ascii.word("PHYSIN=");
    private static final long PHYSOUT = Ascii.word("PHYSOUT=");
    private static final long MAC = Ascii.word("MAC=");
    private static final long TUNNEL = Ascii.word(" TUNNEL=");
    private static final long ARROW = Ascii.word("->");
    private static final long MACSRC = Ascii.word("MACSRC=");
    private static final long MACDST = Ascii.word("MACDST=");
    private static final long VPROTO = Ascii.word("VPROTO=");
    private static final long VID = Ascii.word("VID=");
    private static final long MACPROTO = Ascii.word("MACPROTO");
    private static final long EQUALS = Ascii.word("=");
    private static final long ARP = Ascii.word("ARP ");
    private static final long UID = Ascii.word("UID=");
    private static final long GID = Ascii.word("GID=");
    private static final long MARK = Ascii.word("MARK=0x");

    private final FieldReader fields = new FieldReader();
    private final IpPacketReader ip = new IpPacketReader(fields);
    private int packetStart;

    Malformation malformation() {
        return fields.malformation();
    }

    int malformedAt() {
        return fields.malformedAt();
    }

    /** Index of {@code SRC=} in the text read last, if that was well-formed. */
    int packetStart() {
        return packetStart;
    }

    /**
     * Reads {@code text[0, end)} into the packet; spans are indexes of {@code text}. Returns whether it is well-formed.
     */
    boolean read(byte[] text, int end, DeniedPacket into) {
        fields.begin(text, end);
        packetStart = linkLayer(interfaces(into), into);
        packet(packetStart, into);
        return !fields.failed();
    }

    /** Reads {@code text[0, end)}, which begins with the packet. Returns whether it is well-formed. */
    boolean readPacket(byte[] text, int end, DeniedPacket into) {
        fields.begin(text, end);
        packet(0, into);
        return !fields.failed();
    }

    private int interfaces(DeniedPacket into) {
        int p = name(0, IN, DeniedPacket.IN, into);
        p = name(p, OUT, DeniedPacket.OUT, into);
        if (fields.is(p, PHYSIN)) {
            p = name(p, PHYSIN, DeniedPacket.PHYS_IN, into);
        }
        return fields.is(p, PHYSOUT) ? name(p, PHYSOUT, DeniedPacket.PHYS_OUT, into) : p;
    }

    /** A key and the name of an interface, which may be empty. */
    private int name(int at, long key, int span, DeniedPacket into) {
        int start = fields.key(at, key);
        int p = start;
        while (p <= start + INTERFACE_BYTES_MAX && fields.at(p) != ' ' && fields.at(p) != 0 && fields.at(p) != '/') {
            p++;
        }
        into.spans[span] = start;
        into.spans[span + 1] = p;
        return p > start + INTERFACE_BYTES_MAX
                ? fields.fail(Malformation.UNEXPECTED_FIELD, start)
                : fields.separator(p);
    }

    /**
     * {@code MAC=} with any number of hex pairs and the tunnel that a sit device adds; or the decoded form of
     * {@code --log-macdecode}.
     */
    private int linkLayer(int at, DeniedPacket into) {
        if (fields.is(at, MAC)) {
            int start = at + 4;
            int macEnd = pairsEnd(start);
            if (macEnd < 0) {
                return fields.broken(~macEnd);
            }
            into.spans[DeniedPacket.MAC] = start;
            into.spans[DeniedPacket.MAC + 1] = macEnd;
            return fields.is(macEnd, TUNNEL) ? tunnel(macEnd + 8) : fields.separator(macEnd);
        }
        return fields.is(at, MACSRC) ? decodedMac(at) : at;
    }

    /**
     * Index after the hex pairs at {@code at}, if any; if one is malformed, the complement of the index of the error.
     */
    private int pairsEnd(int at) {
        int p = at;
        if (Ascii.hexLower(fields.at(p)) < 0) {
            return p;
        }
        while (true) {
            if ((Ascii.hexLower(fields.at(p)) | Ascii.hexLower(fields.at(p + 1))) < 0) {
                return Ascii.hexLower(fields.at(p)) < 0 ? ~p : ~(p + 1);
            }
            if (fields.at(p + 2) != ':') {
                return p + 2;
            }
            p += 3;
        }
    }

    /** {@code a->b}, two IPv4 addresses. */
    private int tunnel(int at) {
        int p = fields.ipv4(at);
        p = fields.ipv4(fields.key(p, ARROW));
        return fields.separator(p);
    }

    /** {@code MACSRC= MACDST= [VPROTO= VID=] MACPROTO=}. */
    private int decodedMac(int at) {
        int p = ethernetAddress(fields.key(at, MACSRC));
        p = ethernetAddress(fields.key(p, MACDST));
        if (fields.is(p, VPROTO)) {
            p = fields.hex(p, VPROTO, 4, 4);
            p = fields.decimal(p, VID, 0xffff);
        }
        return fields.hex(fields.key(p, MACPROTO, EQUALS), 4, 4);
    }

    private int ethernetAddress(int at) {
        int p = pairsEnd(at);
        if (p != at + ETHERNET_ADDRESS_CHARACTERS) {
            int brokenAt = p < 0 ? ~p : p;
            return fields.fail(brokenAt >= fields.end() - 1 ? Malformation.CUT : Malformation.BAD_NUMBER, brokenAt);
        }
        return fields.separator(p);
    }

    private int packet(int at, DeniedPacket into) {
        if (at == fields.end()) {
            return fields.fail(Malformation.HEADER_ONLY, at);
        }
        if (fields.is(at, ARP)) {
            return fields.fail(Malformation.ARP, at);
        }
        if (fields.isTruncated(at)) {
            return fields.fail(Malformation.TRUNCATED, at);
        }
        int p = ip.packet(at, into);
        if (p == fields.end()) {
            return p;
        }
        return ip.stopped() ? fields.unexpected(p) : trailer(p, into);
    }

    /** {@code UID= GID= MARK=}: of the packet, not of its headers. */
    private int trailer(int at, DeniedPacket into) {
        int p = at;
        if (fields.is(p, UID)) {
            p = fields.decimal(p, UID, INT_MAX);
            into.uid = fields.value();
            p = fields.decimal(p, GID, INT_MAX);
            into.gid = fields.value();
        }
        if (fields.is(p, MARK)) {
            p = fields.hex(p, MARK, 1, 8);
            into.mark = fields.value();
        }
        return p == fields.end() ? p : fields.unexpected(p);
    }
}
