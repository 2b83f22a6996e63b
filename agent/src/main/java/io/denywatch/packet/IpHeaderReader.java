package io.denywatch.packet;

/**
 * An IP packet: its header and, by way of {@link TransportReader}, what it carries. Index conventions as in
 * {@link FieldReader}. Confined to the thread that parses.
 */
final class IpHeaderReader {
    /** The largest packet that the kernel has, and logs, before it is cut into segments (GSO_MAX_SIZE, BIG TCP). */
    static final int LENGTH_MAX = 8 * 65_535;

    private static final int SRC = (int) Ascii.word("SRC=");

    private final FieldReader fields;
    private final Ipv4HeaderReader ipv4;
    private final Ipv6HeaderReader ipv6;
    private final TransportReader transport;
    private byte[] text = new byte[0];
    private boolean stopped;
    private boolean laterFragment;

    IpHeaderReader(FieldReader fields) {
        this.fields = fields;
        ipv4 = new Ipv4HeaderReader(fields, this);
        ipv6 = new Ipv6HeaderReader(fields, this);
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

    void laterFragment() {
        laterFragment = true;
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
        int p = header.ipv6 ? ipv6.read(at + 4, header) : ipv4.read(at + 4, header);
        return p < 0 || stopped ? p : transport.read(p, header, into);
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
    int truncated(int at) {
        stopped = true;
        return text[at] == ' ' ? at + 1 : at;
    }
}
