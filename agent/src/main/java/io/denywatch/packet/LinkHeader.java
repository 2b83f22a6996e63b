package io.denywatch.packet;

/**
 * The link-layer part of a line: {@code MAC=} as hex pairs of any length, with the tunnel that a sit device adds, or
 * the decoded form of {@code --log-macdecode}.
 */
final class LinkHeader {
    private static final long TUNNEL = Ascii.word(" TUNNEL=");
    private static final long MACDST = Ascii.word("MACDST=");
    private static final long VPROTO = Ascii.word("VPROTO=");
    private static final int VID = (int) Ascii.word("VID=");
    private static final long MACPROTO = Ascii.word("MACPROTO");
    private static final long SEVEN_BYTES = 0xff_ffff_ffff_ffffL;
    private static final int ETHERNET_ADDRESS_CHARACTERS = 17;

    /** Index behind the pairs at {@code at}, which may be none; where they break, the index there, complemented. */
    int addressesEnd(byte[] text, int at) {
        int p = at;
        if (Ascii.hexLower(text[p]) < 0) {
            return p;
        }
        while (true) {
            if ((Ascii.hexLower(text[p]) | Ascii.hexLower(text[p + 1])) < 0) {
                return Ascii.hexLower(text[p]) < 0 ? ~p : ~(p + 1);
            }
            if (text[p + 2] != ':') {
                return p + 2;
            }
            p += 3;
        }
    }

    /** Behind the blank at {@code at}, and behind {@code TUNNEL=a->b} if that follows. */
    int afterTunnel(byte[] text, int at, FieldReader fields) {
        if (Ascii.long8(text, at) != TUNNEL) {
            return fields.separator(at);
        }
        int p = fields.ipv4(at + 8);
        if (p < 0) {
            return p;
        }
        if (text[p] != '-' || text[p + 1] != '>') {
            return fields.unexpected(p);
        }
        p = fields.ipv4(p + 2);
        return p < 0 ? p : fields.separator(p);
    }

    /** {@code MACSRC= MACDST= [VPROTO= VID=] MACPROTO=}. */
    int decoded(byte[] text, int at, int end, FieldReader fields) {
        int p = ethernetAddress(text, at + 7, end, fields);
        if (p < 0) {
            return p;
        }
        if ((Ascii.long8(text, p) & SEVEN_BYTES) != MACDST) {
            return fields.unexpected(p);
        }
        p = ethernetAddress(text, p + 7, end, fields);
        if (p >= 0 && (Ascii.long8(text, p) & SEVEN_BYTES) == VPROTO) {
            p = fields.hex(p + 7, 4, 4);
            if (p >= 0) {
                p = Ascii.int4(text, p) == VID ? fields.decimal(p + 4, 0xffff) : fields.unexpected(p);
            }
        }
        if (p < 0) {
            return p;
        }
        boolean protocol = Ascii.long8(text, p) == MACPROTO && text[p + 8] == '=';
        return protocol ? fields.hex(p + 9, 4, 4) : fields.unexpected(p);
    }

    private int ethernetAddress(byte[] text, int at, int end, FieldReader fields) {
        int p = addressesEnd(text, at);
        if (p != at + ETHERNET_ADDRESS_CHARACTERS) {
            int brokenAt = p < 0 ? ~p : p;
            return fields.fail(brokenAt >= end - 1 ? Malformation.CUT : Malformation.BAD_NUMBER, brokenAt);
        }
        return fields.separator(p);
    }
}
