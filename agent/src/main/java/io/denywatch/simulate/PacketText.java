package io.denywatch.simulate;

import io.denywatch.denial.Transport;
import java.nio.charset.StandardCharsets;

/** Prints simulated packets as the kernel and rsyslog do. */
final class PacketText {
    private static final byte[] HEAD = ascii(" worker-1 kernel: calico-packet: IN=eth1 OUT= MAC=");
    private static final byte[] REPEATED_HEAD = ascii(" worker-1 kernel: message repeated ");
    private static final byte[] REPEATED_MIDDLE = ascii(" times: [ calico-packet: IN=eth1 OUT= MAC=");
    private static final byte[] RESPONSE_HEAD =
            ascii(" worker-1 kernel: calico-response-est: IN=cali5d41402abc4 OUT=eth1 MAC=");
    private static final byte[] MAC_IPV4 = ascii("06:5f:1c:9a:30:43:00:00:5e:00:01:0a:08:00 SRC=");
    private static final byte[] MAC_IPV6 = ascii("06:5f:1c:9a:30:43:00:00:5e:00:01:0a:86:dd SRC=");
    private static final byte[] MAC_POD = ascii("ee:ee:ee:ee:ee:ee:7a:11:0c:5b:d2:90:08:00 SRC=");
    private static final byte[] DESTINATION = ascii(" DST=");
    private static final byte[] LENGTH = ascii(" LEN=");
    private static final byte[] TIME_TO_LIVE = ascii(" TOS=0x00 PREC=0x00 TTL=");
    private static final byte[] HOP_LIMIT = ascii(" TC=0 HOPLIMIT=");
    private static final byte[] FLOW_LABEL = ascii(" FLOWLBL=");
    private static final byte[] ID = ascii(" ID=");
    private static final byte[] DONT_FRAGMENT = ascii(" DF");
    private static final byte[] FRAGMENT = ascii(" FRAG:185 PROTO=UDP ");
    private static final byte[] TCP = ascii(" PROTO=TCP SPT=");
    private static final byte[] UDP = ascii(" PROTO=UDP SPT=");
    private static final byte[] ICMP = ascii(" PROTO=ICMP TYPE=8 CODE=0 ID=");
    private static final byte[] ICMP_SEQUENCE = ascii(" SEQ=");
    private static final byte[] DESTINATION_PORT = ascii(" DPT=");
    private static final byte[] WINDOW = ascii(" WINDOW=");
    private static final byte[] SYN = ascii(" RES=0x00 SYN URGP=0 ");
    private static final byte[] SYN_ACK = ascii(" RES=0x00 ACK SYN URGP=0 ");
    private static final byte[] MARK = ascii("MARK=0x10000 ");
    private static final int IPV4_HEADER_BYTES = 20;
    private static final int IPV6_HEADER_BYTES = 40;
    private static final int FIRST_CLIENT_PORT = 1_024;

    private final SourceAddresses addresses;

    PacketText(SourceAddresses addresses) {
        this.addresses = addresses;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Writes the packet's line, without the newline. */
    void write(LineBuffer line, SimulatedPacket packet, long unixMicros) {
        line.time(unixMicros);
        boolean repeated = packet.form == SimulatedPacket.PacketForm.REPEATED;
        if (repeated) {
            line.text(REPEATED_HEAD).decimal(packet.repeat).text(REPEATED_MIDDLE);
        } else {
            line.text(HEAD);
        }
        SimulatedLoadBalancer nlb = SimulatedLoadBalancer.ALL.get(packet.nlb);
        if (nlb.isIpv6()) {
            ipv6Header(line, packet, nlb);
        } else {
            ipv4Header(line, packet, nlb);
        }
        if (packet.form == SimulatedPacket.PacketForm.FRAGMENT) {
            line.text(FRAGMENT);
        } else {
            transport(line, packet, nlb.isIpv6() ? IPV6_HEADER_BYTES : IPV4_HEADER_BYTES);
        }
        if (packet.form == SimulatedPacket.PacketForm.MARKED) {
            line.text(MARK);
        }
        if (repeated) {
            line.character(']');
        }
    }

    /** Writes the line that Calico logs for a load balancer's first reply to a source. It is not counted as denied. */
    void writeResponse(LineBuffer line, SimulatedPacket packet, long unixMicros) {
        line.time(unixMicros).text(RESPONSE_HEAD).text(MAC_POD);
        line.ipv4(SimulatedLoadBalancer.ALL.get(packet.nlb).ipv4())
                .text(DESTINATION)
                .ipv4(addresses.ipv4(packet.source));
        line.text(LENGTH)
                .decimal(packet.length)
                .text(TIME_TO_LIVE)
                .decimal(63)
                .text(ID)
                .decimal(0);
        line.text(DONT_FRAGMENT)
                .text(TCP)
                .decimal(packet.port)
                .text(DESTINATION_PORT)
                .decimal(clientPort(packet));
        line.text(WINDOW).decimal(65_160).text(SYN_ACK);
    }

    private void ipv4Header(LineBuffer line, SimulatedPacket packet, SimulatedLoadBalancer nlb) {
        line.text(MAC_IPV4).ipv4(addresses.ipv4(packet.source));
        line.text(DESTINATION).ipv4(nlb.ipv4());
        line.text(LENGTH).decimal(packet.length);
        line.text(TIME_TO_LIVE).decimal(hops(packet));
        line.text(ID).decimal(packet.noise >>> 16 & 0xffff);
        if (packet.transport == Transport.TCP && (packet.noise & 0x300) != 0) {
            line.text(DONT_FRAGMENT);
        }
    }

    private void ipv6Header(LineBuffer line, SimulatedPacket packet, SimulatedLoadBalancer nlb) {
        line.text(MAC_IPV6).ipv6(addresses.ipv6(packet.source), packet.noise);
        line.text(DESTINATION).ipv6(nlb.address().high(), nlb.address().low());
        line.text(LENGTH).decimal(packet.length);
        line.text(HOP_LIMIT).decimal(hops(packet));
        line.text(FLOW_LABEL).decimal(packet.noise >>> 16 & 0xfffff);
    }

    private static void transport(LineBuffer line, SimulatedPacket packet, int headerBytes) {
        switch (packet.transport) {
            case TCP -> {
                line.text(TCP).decimal(clientPort(packet));
                line.text(DESTINATION_PORT).decimal(packet.port);
                line.text(WINDOW).decimal(packet.noise >>> 48).text(SYN);
            }
            case UDP -> {
                line.text(UDP).decimal(clientPort(packet));
                line.text(DESTINATION_PORT).decimal(packet.port);
                line.text(LENGTH).decimal(packet.length - headerBytes).character(' ');
            }
            case ICMP -> {
                line.text(ICMP).decimal(packet.noise >>> 32 & 0xffff);
                line.text(ICMP_SEQUENCE).decimal(packet.noise >>> 48 & 0xff).character(' ');
            }
            case OTHER -> throw new IllegalArgumentException("no such packet is simulated");
        }
    }

    private static long hops(SimulatedPacket packet) {
        return 40 + (packet.noise & 0x3f);
    }

    private static long clientPort(SimulatedPacket packet) {
        return FIRST_CLIENT_PORT + (packet.noise >>> 32 & 0x7fff) + (packet.noise >>> 40 & 0x7fff) % 31_744;
    }
}
