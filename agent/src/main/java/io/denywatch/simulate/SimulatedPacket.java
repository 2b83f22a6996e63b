package io.denywatch.simulate;

import io.denywatch.denial.Transport;

/** The packet that a simulation is about to log; reused for each packet. Confined to the simulating thread. */
final class SimulatedPacket {
    /** The port of a packet whose line shows none. */
    static final int NO_PORT = -1;

    /** The form of the packet's line. */
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
    /** Random bits for fields on which nothing depends: time to live, id, source port, window. */
    long noise;
}
