package io.denywatch.packet;

import io.denywatch.ip.Ip;

/**
 * The fields of an IPv4 header. Index conventions as in {@link FieldReader}. Confined to the thread that parses.
 */
final class Ipv4HeaderReader {
    private static final int DST = (int) Ascii.word("DST=");
    private static final int LEN = (int) Ascii.word("LEN=");
    private static final long TOS = Ascii.word("TOS=0x");
    private static final long PREC = Ascii.word("PREC=0x");
    private static final int TTL = (int) Ascii.word("TTL=");
    private static final int ID = (int) Ascii.word("ID=");
    private static final int CE = (int) Ascii.word("CE ");
    private static final int DF = (int) Ascii.word("DF ");
    private static final int MF = (int) Ascii.word("MF ");
    private static final int FRAG = (int) Ascii.word("FRAG");
    private static final int OPT = (int) Ascii.word("OPT ");
    private static final int THREE_BYTES = 0xff_ffff;
    private static final long SIX_BYTES = 0xffff_ffff_ffffL;
    private static final long SEVEN_BYTES = 0xff_ffff_ffff_ffffL;
    private static final int FRAGMENT_UNITS_MAX = 8191;

    private final FieldReader fields;
    private final IpHeaderReader ip;
    private byte[] text = new byte[0];

    Ipv4HeaderReader(FieldReader fields, IpHeaderReader ip) {
        this.fields = fields;
        this.ip = ip;
    }

    /** The fields behind {@code SRC=}. */
    int read(int at, PacketHeader header) {
        text = fields.text();
        int p = fields.ipv4(at);
        if (p < 0) {
            return p;
        }
        header.sourceHigh = 0;
        header.sourceLow = Ip.IPV4_MAPPED_LOW | fields.value();
        p = fields.key(p, DST);
        p = p < 0 ? p : fields.ipv4(p);
        if (p < 0) {
            return p;
        }
        header.destinationHigh = 0;
        header.destinationLow = Ip.IPV4_MAPPED_LOW | fields.value();
        p = fields.key(p, LEN);
        p = p < 0 ? p : fields.decimal(p, IpHeaderReader.LENGTH_MAX);
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
            if (header.fragmentOffset > 0) {
                ip.laterFragment();
            }
        }
        if (fields.isTruncated(p)) {
            return ip.truncated(p + 9);
        }
        return Ascii.int4(text, p) == OPT ? ip.options(p) : p;
    }
}
