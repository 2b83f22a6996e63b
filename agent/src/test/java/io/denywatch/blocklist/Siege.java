package io.denywatch.blocklist;

import static io.denywatch.blocklist.TestDetections.NOBODY;
import static io.denywatch.blocklist.TestDetections.START;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.denial.Transport;
import io.denywatch.detection.DetectionListener;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.Measure;
import io.denywatch.detection.PacketObserver;
import io.denywatch.detection.SourceWindows;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One node under attack: packets in the order of their event time go through the windows, the decisions and a store in
 * memory, with the default rules and limits. Packets of a blocked source are not logged, unless a Log rule comes before the
 * blocklist. The clock is that of the packets.
 */
final class Siege {
    private static final Duration FIRST_BLOCK = Duration.ofMinutes(10);
    static final BlocklistLimits RAILS = new BlocklistLimits(1_000, 30, 1_000);
    static final DetectionRule NOISY = rule("noisy", Measure.PACKETS, 300);
    static final DetectionRule PORT_SCAN = rule("port-scan", Measure.DISTINCT_PORTS, 20);

    /** Sources that forgers draw from, and one real attacker who is in none of their ranges. */
    static final Ip ATTACKER = Ip.parse("198.51.100.66");

    private static final long ROUND_MICROS = 100_000;
    private static final long MICROS_PER_SECOND = 1_000_000;

    final FakeStore store = new FakeStore();
    final List<Decision> decisions = new ArrayList<>();
    final SourceWindows windows;
    final Enforcer enforcer;
    private final PriorityQueue<Traffic> traffic = new PriorityQueue<>();
    private long micros = START.toEpochMilli() * 1_000;
    private long roundMicros = micros;
    private boolean stalled;
    private @Nullable PacketObserver replay;
    private long lagMicros = -1; // of the data plane after the store; negative where blocked packets are not logged
    private long liftedMicros = Long.MIN_VALUE; // when the attacker's block was last in force

    /** Sends packets at a steady rate, some at a time. */
    abstract static class TestSource {
        final double packetsPerSecond;
        final int burst;

        TestSource(double packetsPerSecond, int burst) {
            this.packetsPerSecond = packetsPerSecond;
            this.burst = burst;
        }

        /** Of the n-th packet. */
        abstract Ip source(long n);

        /** Of the n-th packet. */
        abstract int port(long n);

        /** Whether nothing but a block denies its packets. */
        boolean isAllowed() {
            return false;
        }
    }

    /** A sender at work. */
    private static final class Traffic implements Comparable<Traffic> {
        final TestSource testSource;
        final long startMicros;
        long sent;

        Traffic(TestSource testSource, long startMicros) {
            this.testSource = testSource;
            this.startMicros = startMicros;
        }

        long nextMicros() {
            long earlier = sent / testSource.burst * testSource.burst;
            return startMicros + (long) (earlier * MICROS_PER_SECOND / testSource.packetsPerSecond);
        }

        @Override
        public int compareTo(Traffic other) {
            return Long.compare(nextMicros(), other.nextMicros());
        }
    }

    Siege(long seed) {
        this(seed, RAILS);
    }

    Siege(long seed, BlocklistLimits limits) {
        List<DetectionRule> rules = List.of(NOISY, PORT_SCAN);
        windows = new SourceWindows(rules, 64, seed, DetectionListener.NONE);
        enforcer = new Enforcer(
                BlocklistMode.ENFORCE,
                new PromotionPolicy(rules, limits, Duration.ofDays(7)),
                store,
                windows::detections,
                () -> new NeverBlock.Known(NOBODY, true),
                () -> EnforcementGate.GRANTED,
                () -> LogTrust.TRUSTED,
                (decision, _, _) -> decisions.add(decision),
                seed);
    }

    private static DetectionRule rule(String name, Measure measure, int threshold) {
        return new DetectionRule(
                name, measure, threshold, 60, EnumSet.allOf(Transport.class), FIRST_BLOCK, Duration.ofDays(1));
    }

    /** Lets somebody else see all packets, those of blocked sources too. */
    Siege replayedTo(PacketObserver other) {
        replay = other;
        return this;
    }

    /** Lets a Log rule come before the blocklist: packets that only a block denies are logged, and until a while after it. */
    Siege loggingBlocked(Duration lag) {
        lagMicros = lag.toNanos() / 1_000;
        return this;
    }

    /** Begins to send now. */
    Siege with(TestSource testSource) {
        traffic.add(new Traffic(testSource, micros));
        return this;
    }

    /** Sends no more. */
    @SuppressWarnings("ReferenceEquality") // that one, and no other like it
    void without(TestSource testSource) {
        traffic.removeIf(each -> each.testSource == testSource);
    }

    /** The API server answers no more, so decisions stand still; or it answers again. */
    void stall(boolean on) {
        stalled = on;
    }

    Instant now() {
        return Instant.EPOCH.plusNanos(micros * 1_000);
    }

    void run(Duration most) {
        runUntil(() -> false, most);
    }

    /** Goes on until something is so, asked in each round; whether it came to be so in time. */
    boolean runUntil(BooleanSupplier condition, Duration most) {
        long end = micros + most.toNanos() / 1_000;
        while (micros < end) {
            long next = Math.min(roundMicros, end);
            send(next);
            micros = next;
            if (micros == roundMicros) {
                roundMicros += ROUND_MICROS;
                round();
                if (condition.getAsBoolean()) {
                    return true;
                }
            }
        }
        return false;
    }

    private void send(long before) {
        for (Traffic next = traffic.peek(); next != null && next.nextMicros() < before; next = traffic.peek()) {
            traffic.remove();
            Ip source = next.testSource.source(next.sent);
            Sent packet = new Sent(
                    source,
                    Transport.TCP,
                    next.testSource.port(next.sent),
                    Sent.LOAD_BALANCER,
                    true,
                    next.nextMicros());
            if (replay != null) {
                packet.to(replay);
            }
            if (isLogged(source, next.testSource.isAllowed(), next.nextMicros())) {
                packet.to(windows);
            }
            next.sent++;
            traffic.add(next);
        }
    }

    private boolean isLogged(Ip source, boolean allowed, long at) {
        boolean blocked = isBlocked(source);
        if (lagMicros < 0) {
            return !allowed && !blocked;
        }
        return !allowed || blocked || (source.equals(ATTACKER) && at < liftedMicros + lagMicros);
    }

    private void round() {
        liftedMicros = isAttackerBlocked() ? micros : liftedMicros;
        windows.publish();
        long millis = micros / 1_000;
        for (int times = 0; !stalled && times < 3 && enforcer.tick(millis) > 0; times++) {}
    }

    boolean isBlocked(Ip source) {
        Set<IpPrefix> blocked = store.content.entries().keySet();
        return !blocked.isEmpty()
                && blocked.contains(source.isIpv4() ? new IpPrefix(source, 128) : WindowsModel.prefix(source, 64));
    }

    boolean isAttackerBlocked() {
        return isBlocked(ATTACKER);
    }

    boolean isBreakerOpen() {
        return enforcer.status().breakerOpen();
    }

    /** Whether the windows are kept from noticing the attacker, who begins now, for so long. */
    boolean hides(TestSource attacker, Duration most) {
        with(attacker);
        return !runUntil(
                () -> windows.detections().recent().stream()
                        .anyMatch(detection -> detection.source().network().equals(ATTACKER)),
                most);
    }

    /** Lets the list be full of forged sources, each blocked for a day on the evidence that a threshold asks for. */
    Siege full() {
        Map<IpPrefix, BlockEntry> entries = new LinkedHashMap<>();
        for (int i = 0; i < RAILS.entriesMax(); i++) {
            IpPrefix source = new IpPrefix(Ip.ofIpv4(0x4000_0000 + i), 128);
            Evidence evidence = new Evidence(PORT_SCAN.threshold(), List.of(), List.of(), START, START);
            Instant at = START.minusSeconds(3_600);
            entries.put(source, new BlockEntry(source, at, at.plus(PORT_SCAN.maxBlock()), "port-scan", 5, evidence));
        }
        store.content = new Blocklist(entries, Map.of());
        run(Duration.ofSeconds(1));
        return this;
    }

    /** Whether the blocklist is kept from blocking the attacker, who begins now, for so long. */
    boolean keepsOut(TestSource attacker, Duration most) {
        with(attacker);
        return !runUntil(this::isAttackerBlocked, most);
    }

    /** The real one: walks through ports, again and again. */
    static TestSource scanner(double packetsPerSecond, int ports) {
        return new TestSource(packetsPerSecond, 1) {
            @Override
            Ip source(long n) {
                return ATTACKER;
            }

            @Override
            int port(long n) {
                return 1 + (int) (n % ports);
            }
        };
    }

    /** The real one, as a client: asks for what anybody may have. */
    static TestSource client(double packetsPerSecond) {
        return new TestSource(packetsPerSecond, 1) {
            @Override
            Ip source(long n) {
                return ATTACKER;
            }

            @Override
            int port(long n) {
                return 443;
            }

            @Override
            boolean isAllowed() {
                return true;
            }
        };
    }

    /** Forged ones, each with so many packets at once to different ports, none twice. */
    static TestSource forgers(double packetsPerSecond, int packetsEach, long seed) {
        int scatter = (int) new SplittableRandom(seed).nextLong();
        return new TestSource(packetsPerSecond, packetsEach) {
            @Override
            Ip source(long n) {
                int number = (int) (n / packetsEach);
                // Multiplying by an odd number meets each address once; the highest bits keep them off the attacker.
                return Ip.ofIpv4(0x2000_0000 | ((number * 0x9e37_79b1 + scatter) & 0x1fff_ffff));
            }

            @Override
            int port(long n) {
                return 1 + (int) (n % packetsEach) % 60_000;
            }
        };
    }

    /** Real ones of an IPv6 /32, each with a packet from a /48 of its own. */
    static TestSource block32(double packetsPerSecond) {
        return new TestSource(packetsPerSecond, 1) {
            @Override
            Ip source(long n) {
                return new Ip(0x2001_0db8_0000_0000L + ((n & 0xffff) << 16) + (n >> 16 & 0xffff), 1);
            }

            @Override
            int port(long n) {
                return 443;
            }
        };
    }

    /** Real ones that own an IPv4 /16, each address with a packet, one /24 after the other and all over again. */
    static TestSource block16(double packetsPerSecond) {
        return new TestSource(packetsPerSecond, 1) {
            @Override
            Ip source(long n) {
                int host = (int) (n >> 8) & 0xff;
                return Ip.ofIpv4(0x2d08_0000 | ((int) n & 0xff) << 8 | host);
            }

            @Override
            int port(long n) {
                return 443;
            }
        };
    }

    /** Real ones that own IPv6 /48s of different providers, each with so many packets from a /64 of its own. */
    static TestSource block48(double packetsPerSecond, int packetsEach, int networks) {
        return new TestSource(packetsPerSecond, packetsEach) {
            @Override
            Ip source(long n) {
                long number = n / packetsEach;
                return new Ip(0x2001_0db8_0000_0000L + (number % networks << 32) + (number / networks & 0xffff), 1);
            }

            @Override
            int port(long n) {
                return 1 + (int) (n % packetsEach);
            }
        };
    }
}
