package io.denywatch.packet;

/** TCP flags as the kernel spells them. */
final class TcpFlag {
    private static final int AE = (int) Ascii.word("AE ");
    private static final int CWR = (int) Ascii.word("CWR ");
    private static final int ECE = (int) Ascii.word("ECE ");
    private static final int URG = (int) Ascii.word("URG ");
    private static final int ACK = (int) Ascii.word("ACK ");
    private static final int PSH = (int) Ascii.word("PSH ");
    private static final int RST = (int) Ascii.word("RST ");
    private static final int SYN = (int) Ascii.word("SYN ");
    private static final int FIN = (int) Ascii.word("FIN ");
    private static final int THREE_BYTES = 0xff_ffff;

    private TcpFlag() {}

    /** The bit of the flag that these four characters spell, or 0. */
    static int bit(int word) {
        if (word == SYN) { // by far the most frequent first
            return PacketHeader.SYN;
        }
        if (word == ACK) {
            return PacketHeader.ACK;
        }
        if (word == RST) {
            return PacketHeader.RST;
        }
        if (word == PSH) {
            return PacketHeader.PSH;
        }
        if (word == FIN) {
            return PacketHeader.FIN;
        }
        if (word == URG) {
            return PacketHeader.URG;
        }
        if (word == ECE) {
            return PacketHeader.ECE;
        }
        if (word == CWR) {
            return PacketHeader.CWR;
        }
        return (word & THREE_BYTES) == AE ? PacketHeader.AE : 0;
    }
}
