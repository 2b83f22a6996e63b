package io.denywatch.blocklist;

import io.denywatch.detection.SpoofingSigns;
import java.time.Duration;

/**
 * What somebody may do to the blocklist with packets alone. Each works or not at a rate of packets of his own; the real
 * attacker's, whom he protects or who suffers from it, come on top.
 */
enum Abuse {
    /** A forged crowd goes unnoticed while its maker has others blocked: 1,500 sources a minute, with as many packets as that gives each. */
    EVADE_BREAKER("1,500 forged sources a minute do not open the breaker", 50, 75) {
        @Override
        boolean works(double packetsPerSecond, long seed) {
            int each = (int) (packetsPerSecond * 60 / CROWD);
            Siege siege = new Siege(seed).with(Siege.forgers(packetsPerSecond, each, seed));
            return !siege.runUntil(siege::isBreakerOpen, MINUTE.multipliedBy(3));
        }
    },
    /** The breaker is opened by a crowd, and held open by a smaller one, while a scanner goes on. */
    HOLD_BREAKER_OPEN("Forged sources hold the breaker open, and a scanner of 10 packets/s continues", 9, 2000) {
        @Override
        boolean works(double packetsPerSecond, long seed) {
            Siege.TestSource crowd = Siege.forgers(1_001, 1, seed);
            Siege siege = new Siege(seed).with(crowd);
            boolean open = siege.runUntil(siege::isBreakerOpen, MINUTE);
            siege.without(crowd);
            siege.with(Siege.forgers(packetsPerSecond, 1, seed + 1));
            siege.run(MINUTE.multipliedBy(7));
            return open && siege.isBreakerOpen() && siege.keepsOut(SCANNER, Duration.ofMinutes(3));
        }
    },
    /** One IPv6 /48, whose packets are real, opens the breaker. */
    OPEN_BREAKER_FROM_ONE_NETWORK("Real sources in one IPv6 /48 open the breaker", 17, 2000) {
        @Override
        boolean works(double packetsPerSecond, long seed) {
            Siege siege = new Siege(seed).with(Siege.block48(packetsPerSecond, 1, 1));
            return siege.runUntil(siege::isBreakerOpen, MINUTE.multipliedBy(3));
        }
    },
    /** One provider's IPv6 /32 does, with as many /48s as it takes. */
    OPEN_BREAKER_FROM_ONE_PROVIDER("Real sources in one IPv6 /32 open the breaker", 17, 2000) {
        @Override
        boolean works(double packetsPerSecond, long seed) {
            Siege siege = new Siege(seed).with(Siege.block32(packetsPerSecond));
            return siege.runUntil(siege::isBreakerOpen, MINUTE.multipliedBy(3));
        }
    },
    /** One provider's IPv4 /16 does, with all of its addresses. */
    OPEN_BREAKER_FROM_ONE_IPV4_PROVIDER("Real sources in one IPv4 /16 open the breaker", 17, 2000) {
        @Override
        boolean works(double packetsPerSecond, long seed) {
            Siege siege = new Siege(seed).with(Siege.block16(packetsPerSecond));
            return siege.runUntil(siege::isBreakerOpen, MINUTE.multipliedBy(3));
        }
    },
    /** New entries of forged sources use up what there may be in a minute, while a scanner goes on. */
    USE_UP_RATE(
            "Forged sources use up the new entries of each minute, and a scanner of 10 packets/s continues", 10, 500) {
        @Override
        boolean works(double packetsPerSecond, long seed) {
            boolean works = false;
            for (int each : new int[] {20, 100, 600, 1_400}) {
                Siege siege = new Siege(seed).with(Siege.forgers(packetsPerSecond, each, seed));
                siege.run(MINUTE);
                works |= siege.keepsOut(SCANNER, Duration.ofMinutes(2));
            }
            return works;
        }
    },
    /** Entries of forged sources have filled the list, by and by, while a scanner goes on. */
    FILL_LIST("A list full of forged sources stays full, and a scanner of 10 packets/s continues", 1, 1000) {
        @Override
        boolean works(double packetsPerSecond, long seed) {
            Siege siege = new Siege(seed).full().with(Siege.forgers(packetsPerSecond, 20, seed));
            siege.run(MINUTE);
            return siege.keepsOut(SCANNER, Duration.ofMinutes(2));
        }
    },
    /** Forged sources of one packet each crowd a scanner of 27 ports in 40 s out of memory. */
    CROWD_OUT_BY_ONE_PACKET("Sources of 1 packet evict a scan of 27 ports in 40 s from memory", 10000, 8000) {
        @Override
        boolean works(double packetsPerSecond, long seed) {
            return crowdsOut(packetsPerSecond, 1, seed);
        }
    },
    /** The same with the fewest packets that make a source one of more than a few. */
    CROWD_OUT_BY_FOUR("Sources of 4 packets evict that scan from memory", 1000, 15000) {
        @Override
        boolean works(double packetsPerSecond, long seed) {
            return crowdsOut(packetsPerSecond, SpoofingSigns.FEW_PACKETS + 1, seed);
        }
    },
    /** The same with one port less than the rule asks for. */
    CROWD_OUT_BY_NINETEEN(
            "Sources that each try 19 ports, one below the threshold, evict that scan from memory", 1500, 10000) {
        @Override
        boolean works(double packetsPerSecond, long seed) {
            return crowdsOut(packetsPerSecond, 19, seed);
        }
    };

    private static final int CROWD = 1_500;

    static final Duration MINUTE = Duration.ofMinutes(1);

    /** 10 packets a second to 500 ports. */
    private static final Siege.TestSource SCANNER = Siege.scanner(10, 500);

    private static final Siege.TestSource SLOW_SCANNER = Siege.scanner(27 / 40.0, 27);

    /** What it achieves. */
    final String what;

    /** The packets a second at which it worked when the first to reach a threshold came first. */
    final double before;

    /** Packets a second at which it does not work. */
    final double fails;

    Abuse(String what, double before, double fails) {
        this.what = what;
        this.before = before;
        this.fails = fails;
    }

    abstract boolean works(double packetsPerSecond, long seed);

    private static boolean crowdsOut(double packetsPerSecond, int each, long seed) {
        Siege siege = new Siege(seed).with(Siege.forgers(packetsPerSecond, each, seed));
        siege.run(Duration.ofSeconds(30));
        return siege.hides(SLOW_SCANNER, Duration.ofSeconds(40));
    }
}
