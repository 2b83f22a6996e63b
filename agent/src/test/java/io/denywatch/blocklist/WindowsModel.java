package io.denywatch.blocklist;

import io.denywatch.denial.Transport;
import io.denywatch.detection.Detection;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.Measure;
import io.denywatch.detection.SourceWindows;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.denywatch.packet.PacketHeader;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** {@link SourceWindows} as lists of all packets, each looked at whenever a new one comes. */
public final class WindowsModel {
    private static final int[] PORTS = {-1, 0, 1, 2, 3, 4, 22, 32_767, 32_768, 32_769, 60_999, 61_000};
    private static final int[] SOURCE_PORTS = {0, 53, 443, 1_023, 1_024, 32_767, 32_768};

    private final List<DetectionRule> rules;
    private final int ipv6PrefixLength;
    private final Map<IpPrefix, List<Sent>> bySource = new HashMap<>();
    private final Map<IpPrefix, Map<DetectionRule, List<Sent>>> windows = new HashMap<>();
    private long detections;

    public WindowsModel(List<DetectionRule> rules, int ipv6PrefixLength) {
        this.rules = rules;
        this.ipv6PrefixLength = ipv6PrefixLength;
    }

    public static IpPrefix prefix(Ip source, int ipv6PrefixLength) {
        return source.isIpv4()
                ? new IpPrefix(source, 128)
                : new IpPrefix(
                        new Ip(source.high(), source.low() & IpPrefix.lowMask(ipv6PrefixLength)), ipv6PrefixLength);
    }

    /** What the rule counts of a packet: the packet itself, or a key; empty if nothing. */
    static Optional<Object> counted(DetectionRule rule, Sent sent) {
        if (!rule.protocols().contains(sent.transport())) {
            return Optional.empty();
        }
        return switch (rule.measure()) {
            case PACKETS -> Optional.of(new Object());
            case DISTINCT_PORTS ->
                sent.port() < 0 || isReply(sent)
                        ? Optional.empty()
                        : Optional.of(sent.transport().label() + "/" + sent.port());
            case DISTINCT_LOAD_BALANCERS ->
                sent.atLoadBalancer() && !isReply(sent) ? Optional.of(sent.destination()) : Optional.empty();
            case DISTINCT_SOURCES -> Optional.empty();
            case DISTINCT_NODES -> throw new IllegalArgumentException("one log shows one node");
        };
    }

    private static boolean isReply(Sent sent) {
        Set<Integer> flags = IntStream.of(PacketHeader.SYN, PacketHeader.ACK, PacketHeader.RST, PacketHeader.FIN)
                .filter(flag -> (sent.tcpFlags() & flag) != 0)
                .boxed()
                .collect(Collectors.toSet());
        boolean called = flags.contains(PacketHeader.SYN)
                ? flags.equals(Set.of(PacketHeader.SYN, PacketHeader.ACK))
                : flags.contains(PacketHeader.ACK) || flags.contains(PacketHeader.RST);
        int from = sent.sourcePort();
        return sent.port() >= 32_768
                && sent.port() < 61_000
                && from > 0
                && ((sent.transport() == Transport.TCP && from < 32_768 && called)
                        || (sent.transport() == Transport.UDP && from < 1_024));
    }

    public List<Detection> packet(Sent sent) {
        IpPrefix source = prefix(sent.source(), ipv6PrefixLength);
        bySource.computeIfAbsent(source, _ -> new ArrayList<>()).addFirst(sent);
        List<Detection> fired = new ArrayList<>();
        for (DetectionRule rule : rules) {
            List<Sent> window =
                    windows.computeIfAbsent(source, _ -> new HashMap<>()).computeIfAbsent(rule, _ -> new ArrayList<>());
            if (counted(rule, sent).isEmpty()) {
                continue;
            }
            long newest = Stream.concat(window.stream(), Stream.of(sent))
                    .mapToLong(Sent::second)
                    .max()
                    .orElseThrow();
            if (sent.second() > newest - rule.withinSeconds()) {
                window.add(sent);
            }
            int grain = rule.measure() == Measure.PACKETS ? Math.ceilDiv(rule.withinSeconds(), 3_600) : 1;
            Map<Long, Long> earliest = new HashMap<>();
            window.forEach(held -> earliest.merge(held.second() / grain, held.second(), Math::min));
            window.removeIf(old -> earliest.getOrDefault(old.second() / grain, 0L) <= newest - rule.withinSeconds());
            Map<Object, Long> lastMet = new HashMap<>();
            window.forEach(held -> lastMet.merge(counted(rule, held), held.second(), Math::max));
            if (window.contains(sent) && lastMet.size() >= rule.threshold()) {
                long oldest = lastMet.values().stream().min(Long::compare).orElseThrow();
                Instant at = Instant.EPOCH.plus(sent.micros(), ChronoUnit.MICROS);
                Evidence evidence = new Evidence(
                        lastMet.size(),
                        ports(source),
                        loadBalancers(source),
                        Instant.ofEpochSecond(oldest),
                        at,
                        "",
                        (int) Math.max(lastMet.size(), recentPackets(source)));
                fired.add(new Detection(++detections, source, rule, evidence, sent.micros()));
                window.clear();
            }
        }
        return fired;
    }

    /** Packets in the 64 seconds of the newest one, and in those before; a late packet counts when it comes. */
    private long recentPackets(IpPrefix source) {
        long newest = 0;
        long counted = 0;
        long inNewest = 0;
        for (Sent sent : bySource.getOrDefault(source, List.of()).reversed()) {
            long period = sent.second() / 64;
            if (period > newest) {
                counted = period == newest + 1 ? inNewest : 0;
                inNewest = 0;
                newest = period;
            }
            inNewest++;
            counted++;
        }
        return counted;
    }

    private List<String> ports(IpPrefix source) {
        Set<String> latest = bySource.getOrDefault(source, List.of()).stream()
                .filter(sent -> sent.port() >= 0)
                .map(sent -> sent.transport().label() + "/" + sent.port())
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return latest.stream().limit(Evidence.PORTS_MAX).toList();
    }

    private List<Ip> loadBalancers(IpPrefix source) {
        Set<Ip> latest = bySource.getOrDefault(source, List.of()).stream()
                .filter(Sent::atLoadBalancer)
                .map(Sent::destination)
                .collect(Collectors.toCollection(LinkedHashSet::new));
        return latest.stream().limit(Evidence.LOAD_BALANCERS_MAX).toList();
    }

    /** Whether the source ever reached the rule's threshold within its span of true time. */
    public static boolean everReached(DetectionRule rule, List<Sent> all, IpPrefix source) {
        List<Sent> own = all.stream()
                .filter(sent ->
                        source.contains(sent.source().high(), sent.source().low()))
                .filter(sent -> counted(rule, sent).isPresent())
                .toList();
        for (Sent last : own) {
            long after = last.micros() - rule.withinSeconds() * Sent.SECOND;
            long amount = own.stream()
                    .filter(sent -> sent.micros() > after && sent.micros() <= last.micros())
                    .map(sent -> counted(rule, sent))
                    .distinct()
                    .count();
            if (amount >= rule.threshold()) {
                return true;
            }
        }
        return false;
    }

    public static DetectionRule rule(Measure measure, int threshold, int withinSeconds, Transport... protocols) {
        return new DetectionRule(
                measure.label(),
                measure,
                threshold,
                withinSeconds,
                Set.of(protocols),
                Duration.ofMinutes(10),
                Duration.ofHours(1));
    }

    /** One to four rules with small numbers. */
    public static List<DetectionRule> rules(SplittableRandom random) {
        List<DetectionRule> rules = new ArrayList<>();
        for (int count = 1 + random.nextInt(4); count > 0; count--) {
            Measure measure = Measure.values()[random.nextInt(3)];
            Transport[] protocols = random.nextInt(3) == 0
                    ? new Transport[] {Transport.values()[random.nextInt(4)], Transport.TCP}
                    : Transport.values();
            rules.add(new DetectionRule(
                    "rule" + count,
                    measure,
                    2 + random.nextInt(7),
                    1 + random.nextInt(20),
                    Set.copyOf(List.of(protocols).stream().distinct().toList()),
                    Duration.ofMinutes(10),
                    Duration.ofHours(1)));
        }
        return rules;
    }

    /** Packets of a few sources, nearly in order. */
    public static List<Sent> packets(SplittableRandom random, int count, int sources) {
        List<Sent> packets = new ArrayList<>();
        long micros = 1_700_000_000 * Sent.SECOND;
        long stepMax = 1 + random.nextLong(3 * Sent.SECOND);
        for (int i = 0; i < count; i++) {
            micros += random.nextLong(stepMax);
            int number = random.nextInt(sources);
            Ip source = number % 2 == 0
                    ? Ip.ofIpv4(0x0a000000 + number)
                    : new Ip(0x2001_0db8_0000_0000L + (number >> 2), (long) number << 62 | random.nextInt(9));
            long disorder = random.nextInt(4) == 0 ? random.nextLong(8 * Sent.SECOND) : 0;
            Sent sent = new Sent(
                    source,
                    Transport.values()[random.nextInt(4)],
                    PORTS[random.nextInt(PORTS.length)],
                    Ip.ofIpv4(0xc0000200 + random.nextInt(7)),
                    random.nextInt(4) > 0,
                    micros - disorder);
            boolean hasPort = sent.port() >= 0 && random.nextInt(4) > 0;
            packets.add(
                    hasPort ? sent.from(SOURCE_PORTS[random.nextInt(SOURCE_PORTS.length)], random.nextInt(64)) : sent);
        }
        return packets;
    }
}
