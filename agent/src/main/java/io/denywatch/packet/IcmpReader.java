package io.denywatch.packet;

/**
 * ICMP and ICMPv6 headers, and the packet that an error carries in brackets. Index conventions as in
 * {@link FieldReader}. Confined to the thread that parses.
 */
final class IcmpReader {
    private static final long TYPE = Ascii.word("TYPE=");
    private static final long CODE = Ascii.word("CODE=");
    private static final int ID = (int) Ascii.word("ID=");
    private static final int SEQ = (int) Ascii.word("SEQ=");
    private static final int MTU = (int) Ascii.word("MTU=");
    private static final long PARAMETER = Ascii.word("PARAMETE");
    private static final long GATEWAY = Ascii.word("GATEWAY=");
    private static final long POINTER = Ascii.word("POINTER=");
    private static final int INCOMPLETE = (int) Ascii.word("INCO");
    private static final int THREE_BYTES = 0xff_ffff;
    private static final long FIVE_BYTES = 0xff_ffff_ffffL;

    private static final int FRAGMENTATION_NEEDED = 4;

    private final FieldReader fields;
    private final IpHeaderReader ip;
    private final TransportReader transport;
    private byte[] text = new byte[0];

    IcmpReader(FieldReader fields, IpHeaderReader ip, TransportReader transport) {
        this.fields = fields;
        this.ip = ip;
        this.transport = transport;
    }

    /** The header at {@code at}, if there is one. */
    int read(int at, PacketHeader header, DeniedPacket into) {
        text = fields.text();
        if ((Ascii.long8(text, at) & FIVE_BYTES) != TYPE) {
            return transport.tooShort(at, header, false);
        }
        int p = fields.decimal(at + 5, 255);
        if (p < 0) {
            return p;
        }
        header.icmpType = (int) fields.value();
        if ((Ascii.long8(text, p) & FIVE_BYTES) != CODE) {
            return fields.unexpected(p);
        }
        p = fields.decimal(p + 5, 255);
        if (p < 0) {
            return p;
        }
        header.icmpCode = (int) fields.value();
        if (Ascii.int4(text, p) == INCOMPLETE) {
            return transport.tooShort(p, header, false);
        }
        return header.protocol == IpProtocol.ICMP ? body(p, header, into) : bodySix(p, header, into);
    }

    private int body(int at, PacketHeader header, DeniedPacket into) {
        return switch (header.icmpType) {
            case 0, 8 -> echo(at);
            case 12 -> parameter(at);
            case 5 -> gateway(at, header, into);
            case 3, 4, 11 -> cause(at, header, into, header.icmpType == 3 && header.icmpCode == FRAGMENTATION_NEEDED);
            default -> at;
        };
    }

    private int bodySix(int at, PacketHeader header, DeniedPacket into) {
        return switch (header.icmpType) {
            case 128, 129 -> echo(at);
            case 4 -> pointer(at, header, into);
            case 1, 2, 3 -> cause(at, header, into, header.icmpType == 2);
            default -> at;
        };
    }

    private int echo(int at) {
        if ((Ascii.int4(text, at) & THREE_BYTES) != ID) {
            return fields.unexpected(at);
        }
        int p = fields.decimal(at + 3, 0xffff);
        if (p < 0) {
            return p;
        }
        return Ascii.int4(text, p) == SEQ ? fields.decimal(p + 4, 0xffff) : fields.unexpected(p);
    }

    private int parameter(int at) {
        boolean there = Ascii.long8(text, at) == PARAMETER && text[at + 8] == 'R' && text[at + 9] == '=';
        return there ? fields.decimal(at + 10, 255) : fields.unexpected(at);
    }

    private int gateway(int at, PacketHeader header, DeniedPacket into) {
        if (Ascii.long8(text, at) != GATEWAY) {
            return fields.unexpected(at);
        }
        int p = fields.ipv4(at + 8);
        p = p < 0 ? p : fields.separator(p);
        return p < 0 ? p : cause(p, header, into, false);
    }

    private int pointer(int at, PacketHeader header, DeniedPacket into) {
        if (Ascii.long8(text, at) != POINTER) {
            return fields.unexpected(at);
        }
        int p = fields.hex(at + 8, 8, 8);
        return p < 0 ? p : cause(p, header, into, false);
    }

    /**
     * The packet that caused an error. The kernel nests once only, so an error inside an error has none; nor has one at
     * the netdev egress hook, where the line simply ends.
     */
    private int cause(int at, PacketHeader header, DeniedPacket into, boolean withMtu) {
        int p = at;
        if (text[p] == '[' && header == into.outer) {
            p = bracket(p + 1, header, into);
            if (p < 0) {
                return p;
            }
        } else if (header == into.outer && !(p == fields.end() && fields.endsWithBlank())) {
            boolean mtu = withMtu && Ascii.int4(text, p) == MTU;
            if (!mtu) {
                return fields.unexpected(p);
            }
        }
        if (!withMtu || (p == fields.end() && p == at)) {
            return p;
        }
        return Ascii.int4(text, p) == MTU ? fields.decimal(p + 4, 0xffff_ffffL) : fields.unexpected(p);
    }

    private int bracket(int at, PacketHeader header, DeniedPacket into) {
        int p = at;
        if (fields.isTruncated(p)) {
            p += 9;
        } else {
            p = ip.nested(p, header.protocol == IpProtocol.ICMPV6, into);
            if (p < 0) {
                return p;
            }
        }
        return text[p] == ']' ? fields.separator(p + 1) : fields.unexpected(p);
    }
}
