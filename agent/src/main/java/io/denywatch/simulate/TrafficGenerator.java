package io.denywatch.simulate;

import io.denywatch.denial.Transport;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * Decides, line by line, what a simulation logs. The same seed gives the same lines. Confined to the simulating thread.
 */
final class TrafficGenerator {
    private static final int DRAWS = 1_024;
    private static final int DRAW_MASK = DRAWS - 1;
    /** Of 1,024 lines, this many are not packet lines. */
    private static final int CHATTER = 40;

    private static final int FLOOD_SOURCES = 8;
    /** Members of the botnet. */
    static final int BOTS = 120;

    private static final int PORT_MAX = 65_535;
    /** The load balancer of each of 16 packets. */
    private static final int[] NLBS = {0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 6, 7};

    /** Ports by descending popularity; UDP ports are negative. */
    private static final int[] PORTS = {
        22, 23, 3389, 445, 8080, 443, 80, -53, 5900, 6379, 1433, 3306, -5060, 25, 8443, -123, 5432, 21, -1900, -161,
        9200, 27017, 2375, 10250, -389, 11211, 8888, 5555, 81, 7547, -3478
    };

    private static final int[] TCP_LENGTHS = {40, 44, 52, 60};

    private final Scenario scenario;
    private final int sources;
    private final SplittableRandom random;
    private final GroundTruth truth;
    private final PacketText text;
    private final SourceTally.@Nullable InTurn spoofed;
    private final SimulatedPacket packet = new SimulatedPacket();
    private long scanned;

    /**
     * Creates a generator.
     *
     * @param sources 1 to {@link SourceAddresses#MAX}
     */
    TrafficGenerator(Scenario scenario, int sources, long seed) {
        this.scenario = scenario;
        this.sources = sources;
        SourceAddresses addresses = new SourceAddresses(seed, sources);
        random = new SplittableRandom(seed);
        spoofed = scenario == Scenario.SPOOFED ? new SourceTally.InTurn(sources) : null;
        truth = new GroundTruth(addresses, spoofed);
        text = new PacketText(addresses);
    }

    /** The counts of what was logged so far. */
    GroundTruth truth() {
        return truth;
    }

    /**
     * Writes one line, without the newline.
     *
     * @param packetsLeft number of packets that may still be logged, at least 1
     */
    void line(LineBuffer line, long packetsLeft, long unixMicros) {
        truth.line();
        long noise = random.nextLong();
        packet.noise = noise;
        int draw = (int) random.nextLong() & DRAW_MASK;
        if (draw < CHATTER) {
            NoiseLines.write(line, noise, unixMicros);
            return;
        }
        packet.form = SimulatedPacket.PacketForm.PLAIN;
        packet.repeat = 1;
        packet.transport = Transport.TCP;
        packet.length = TCP_LENGTHS[(int) (noise >>> 6) & 3];
        if ((random.nextLong() & DRAW_MASK) < scenario.share()) {
            attack();
        } else {
            background(draw - CHATTER, packetsLeft);
            if (draw - CHATTER < 8
                    && packet.nlb < SimulatedLoadBalancer.IPV4_COUNT
                    && packet.transport == Transport.TCP) {
                text.writeResponse(line, packet, unixMicros);
                return;
            }
        }
        truth.packet(packet, unixMicros);
        text.write(line, packet, unixMicros);
    }

    private void attack() {
        if (spoofed != null) {
            packet.nlb = 0;
            packet.source = spoofed.next();
            packet.port = (packet.noise & 0x400) == 0 ? 443 : 80;
        } else if (scenario == Scenario.SCAN) {
            packet.nlb = (int) (scanned % SimulatedLoadBalancer.IPV4_COUNT);
            packet.source = 0;
            packet.port = 1 + (int) (scanned++ / SimulatedLoadBalancer.IPV4_COUNT % PORT_MAX);
            packet.length = 44;
        } else if (scenario == Scenario.BOTNET) {
            packet.nlb = 0;
            packet.source = sources + (int) (((packet.noise >>> 6) & 0xffff) % BOTS);
            packet.port = 22;
        } else {
            packet.nlb = 0;
            packet.source = (int) ((packet.noise >>> 6 & 0xffff) % Math.min(FLOOD_SOURCES, sources));
            packet.port = 443;
        }
    }

    private void background(int draw, long packetsLeft) {
        long choice = random.nextLong();
        packet.nlb = NLBS[(int) choice & 0xf];
        packet.source = falling(choice >>> 32, (int) random.nextLong(), sources);
        int port = PORTS[falling(random.nextLong() >>> 32, (int) (choice >>> 8), PORTS.length)];
        boolean ipv4 = packet.nlb < SimulatedLoadBalancer.IPV4_COUNT;
        if ((choice & 0xf0) == 0) {
            packet.port = 1 + (int) ((choice >>> 16 & 0xffff) % PORT_MAX); // a source that tries a port of its own
        } else if (port < 0) {
            packet.transport = Transport.UDP;
            packet.port = -port;
            packet.length = (ipv4 ? 28 : 48) + (int) (packet.noise >>> 6 & 0x7f);
        } else {
            packet.port = port;
        }
        if (!ipv4 && packet.transport == Transport.TCP) {
            packet.length += 20;
        }
        oddity(draw, ipv4, packetsLeft);
    }

    /** Chooses special forms for a few packets. Draws below 8 are for responses. */
    private void oddity(int draw, boolean ipv4, long packetsLeft) {
        if (draw >= 8 && draw < 20 && ipv4) {
            packet.transport = Transport.ICMP;
            packet.port = SimulatedPacket.NO_PORT;
            packet.length = 84;
        } else if (draw >= 20 && draw < 24 && ipv4) {
            packet.form = SimulatedPacket.PacketForm.FRAGMENT;
            packet.transport = Transport.UDP;
            packet.port = SimulatedPacket.NO_PORT;
            packet.length = 1_000;
        } else if (draw >= 24 && draw < 36) {
            packet.form = SimulatedPacket.PacketForm.MARKED;
        } else if (draw >= 36 && draw < 40 && packetsLeft >= 2) {
            packet.form = SimulatedPacket.PacketForm.REPEATED;
            packet.repeat = 2 + (int) ((packet.noise >>> 10 & 0xff) % Math.min(8, packetsLeft - 1));
        }
    }

    /**
     * A number n below {@code end} with a probability roughly proportional to 1 / (n + 1) (Zipf's law): first the
     * number of bits of n + 1, uniformly distributed, then the bits.
     *
     * @param high 32 random bits that choose how many bits
     * @param low 32 random bits
     */
    private static int falling(long high, int low, int end) {
        int widths = 32 - Integer.numberOfLeadingZeros(end);
        int width = (int) (((high & 0xffff_ffffL) * widths) >>> 32);
        int number = (1 << width) - 1 + (low & ((1 << width) - 1));
        return number < end ? number : number % end;
    }
}
