package io.denywatch.cluster;

import io.denywatch.blocklist.Blocklist;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Blocklist.PriorBlock;
import io.denywatch.blocklist.ManualList;
import io.denywatch.blocklist.ManualList.ManualEntry;
import io.denywatch.blocklist.ManualList.ManualExemption;
import io.denywatch.detection.Evidence;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.jspecify.annotations.NullMarked;

/** Random blocklists from a seed. Confined to the thread that draws. */
@NullMarked
public final class Drawn {
    public static final Instant NOW = Instant.parse("2026-03-01T12:00:00.123Z");

    private static final String DAMAGE = ",;~|%v10z-+ /:.\"\n\u0000é";

    public final SplittableRandom random;

    public Drawn(long seed) {
        random = new SplittableRandom(seed);
    }

    /** Public addresses that may be written. */
    public IpPrefix narrow() {
        return switch (random.nextInt(4)) {
            case 0 -> ipv6(64);
            case 1 -> ipv6(65 + random.nextInt(64));
            default -> ipv4();
        };
    }

    public IpPrefix ipv4() {
        return new IpPrefix(Ip.ofIpv4(0x2d00_0000 | random.nextInt(1 << 24)), 128);
    }

    public IpPrefix ipv6(int length) {
        long high = 0x2a00_0000_0000_0000L | random.nextLong(1L << 56);
        return new IpPrefix(new Ip(high, random.nextLong() & IpPrefix.lowMask(length)), length);
    }

    /** A block of any width, in a small space, so that overlaps are frequent. */
    public IpPrefix crowded() {
        if (random.nextBoolean()) {
            int length = 96 + random.nextInt(33);
            long low = Ip.IPV4_MAPPED_LOW | 0x2d00_0000L | random.nextInt(64);
            return new IpPrefix(new Ip(0, low & IpPrefix.lowMask(length)), length);
        }
        int length = random.nextInt(129);
        long high = (random.nextInt(8) == 0 ? 0 : 0x2a00_0000_0000_0000L) | random.nextInt(4);
        return new IpPrefix(
                new Ip(high & IpPrefix.highMask(length), random.nextInt(4) & IpPrefix.lowMask(length)), length);
    }

    public BlockEntry entry(IpPrefix source, boolean fullEvidence) {
        Instant at = NOW.minusMillis(random.nextInt(100_000_000));
        int ports = fullEvidence ? Evidence.PORTS_MAX : random.nextInt(Evidence.PORTS_MAX + 1);
        int loadBalancers =
                fullEvidence ? Evidence.LOAD_BALANCERS_MAX : random.nextInt(Evidence.LOAD_BALANCERS_MAX + 1);
        List<String> portTexts = new ArrayList<>();
        List<Ip> loadBalancerIps = new ArrayList<>();
        for (int i = 0; i < ports; i++) {
            portTexts.add((random.nextBoolean() ? "tcp/" : "udp/") + random.nextInt(65_536));
        }
        for (int i = 0; i < loadBalancers; i++) {
            loadBalancerIps.add(narrow().network());
        }
        Evidence evidence = !fullEvidence && random.nextInt(4) == 0
                ? new Evidence(0, List.of(), List.of(), at, at)
                : new Evidence(
                        1 + random.nextInt(1_000),
                        portTexts,
                        loadBalancerIps,
                        at.minusMillis(random.nextInt(60_000)),
                        at.minusMillis(random.nextInt(2_000) - 1_000));
        String rule = List.of("scan", "flood", "Many-Ports-of-one-source", "x").get(random.nextInt(4));
        return new BlockEntry(
                source, at, at.plusMillis(random.nextLong(2_592_000_000L)), rule, random.nextInt(9), evidence);
    }

    public Blocklist blocklist(int entries, int priorBlocks) {
        Map<IpPrefix, BlockEntry> bySource = new LinkedHashMap<>();
        while (bySource.size() < entries) {
            IpPrefix source = narrow();
            bySource.put(source, entry(source, false));
        }
        Map<IpPrefix, PriorBlock> repeated = new LinkedHashMap<>();
        while (repeated.size() < priorBlocks) {
            IpPrefix source = narrow();
            repeated.put(
                    source,
                    new PriorBlock(source, 1 + random.nextInt(9), NOW.plusMillis(random.nextInt(1_000_000_000))));
        }
        return new Blocklist(bySource, repeated);
    }

    /** Words with everything that could break a form: separators, quotes, other scripts. */
    String words() {
        StringBuilder words = new StringBuilder();
        for (int i = random.nextInt(40); i > 0; i--) {
            words.append(List.of(",", ";", "%", "\"", "\\", "|", "~", "é", "防", "🚫", "a", "Z", "7", " ", "<", "%2C")
                    .get(random.nextInt(16)));
        }
        return words.toString();
    }

    public ManualList manualList(int entries) {
        List<ManualEntry> manual = new ArrayList<>();
        List<ManualExemption> exemptions = new ArrayList<>();
        for (int i = 0; i < entries; i++) {
            manual.add(new ManualEntry(narrow(), NOW, NOW.plusMillis(random.nextInt(1_000_000_000)), words(), words()));
            exemptions.add(new ManualExemption(crowded(), NOW.plusMillis(random.nextInt(1_000_000_000))));
        }
        return new ManualList(manual, exemptions);
    }

    /** A text with a few characters changed, removed or put in. */
    public String mutated(String text) {
        StringBuilder mutated = new StringBuilder(text);
        for (int i = 1 + random.nextInt(4); i > 0; i--) {
            int at = random.nextInt(mutated.length() + 1);
            char c = DAMAGE.charAt(random.nextInt(DAMAGE.length()));
            switch (random.nextInt(3)) {
                case 0 -> mutated.insert(at, c);
                case 1 -> mutated.replace(at, Math.min(at + 1, mutated.length()), String.valueOf(c));
                default -> mutated.delete(at, Math.min(at + 1 + random.nextInt(8), mutated.length()));
            }
        }
        return mutated.toString();
    }
}
