package io.denywatch.simulate;

import io.denywatch.denial.Transport;

/** One packet that a simulation is about to log; overwritten for each. Confined to the thread that simulates. */
final class SimulatedPacket {
    /** The port of a packet that prints none. */
    static final int NO_PORT = -1;

    /** What is special about the packet's line. */
    enum PacketForm {
        PLAIN,
        /** A later fragment, which has no ports. */
        FRAGMENT,
        /** With a firewall mark. */
        MARKED,
        /** Folded by rsyslog: {@code message repeated N times}. */
        REPEATED
    }

    PacketForm form = PacketForm.PLAIN;
    int nlb;
    int source;
    Transport transport = Transport.TCP;
    int port;
    int length;
    int repeat = 1;
    /** Bits for the fields that nothing depends on: time to live, id, source port, window. */
    long noise;
}
