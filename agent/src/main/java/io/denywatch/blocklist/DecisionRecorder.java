package io.denywatch.blocklist;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.BlocklistStatus.RuleOutcome;
import io.denywatch.blocklist.Decision.Blocked;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.Decision.Displaced;
import io.denywatch.blocklist.Decision.Expired;
import io.denywatch.blocklist.Decision.RecentDecision;
import io.denywatch.blocklist.Decision.Refused;
import io.denywatch.blocklist.Decision.Revoked;
import io.denywatch.count.Count;
import io.denywatch.count.Histogram;
import io.denywatch.detection.DetectionRule;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Tracks decisions until they are stored, counts them and passes them on. Confined to the enforcer thread. A block that
 * ends before it was stored is dropped without a trace.
 */
final class DecisionRecorder {
    private final BlocklistMode mode;
    private final DecisionListener listener;
    private final Map<RuleOutcome, Long> promotions = new HashMap<>();

    // A source may be in both: then its stored block ends first and a new one begins.
    private final Map<IpPrefix, Decision> endings = new LinkedHashMap<>();
    private final Map<IpPrefix, Blocked> beginnings = new LinkedHashMap<>();
    private final Set<IpPrefix> failed = new HashSet<>(); // those of the beginnings whose write failed
    private final List<Blocked> written = new ArrayList<>(); // stored, but not timed yet
    private final RecentDecisions recent = new RecentDecisions();

    private Histogram timeToBlock = Histogram.SECONDS;
    private long expirations;
    private long displacements;

    DecisionRecorder(BlocklistMode mode, List<DetectionRule> rules, DecisionListener listener) {
        this.mode = mode;
        this.listener = listener;
        for (DetectionRule rule : rules) {
            for (DetectionOutcome outcome : DetectionOutcome.values()) {
                promotions.put(new RuleOutcome(rule.name(), outcome), 0L);
            }
        }
    }

    /** Records a decision. Refusals take effect at once, all others when they are stored. */
    void decided(Decision decision, Instant now) {
        switch (decision) {
            case Refused refused -> {
                count(refused.detection().rule().name(), refused.outcome());
                recent.add(new RecentDecision(refused, now));
                listener.decided(refused, mode, now);
            }
            case Blocked blocked -> beginnings.put(blocked.entry().source(), blocked);
            case Expired(BlockEntry entry) -> ended(entry.source(), decision);
            case Revoked(BlockEntry entry, var by) -> ended(entry.source(), decision);
            case Displaced(BlockEntry entry, var by) -> {
                displacements = Count.sum(displacements, 1);
                ended(entry.source(), decision);
            }
        }
    }

    private void ended(IpPrefix source, Decision decision) {
        failed.remove(source);
        if (beginnings.remove(source) == null) {
            endings.put(source, decision);
        }
    }

    /** Records that everything decided so far is stored. */
    void stored(Instant now) {
        for (Decision ending : endings.values()) {
            if (ending instanceof Expired) {
                expirations = Count.sum(expirations, 1);
            }
            recent.add(new RecentDecision(ending, now));
            listener.decided(ending, mode, now);
        }
        for (Blocked blocked : beginnings.values()) {
            if (mode == BlocklistMode.ENFORCE) {
                written.add(blocked);
            } else {
                recent.add(new RecentDecision(blocked, now));
            }
            count(
                    blocked.entry().rule(),
                    mode == BlocklistMode.ENFORCE ? DetectionOutcome.APPLIED : DetectionOutcome.DRY_RUN);
            listener.decided(blocked, mode, now);
        }
        endings.clear();
        beginnings.clear();
        failed.clear();
    }

    /** Records that a write failed; the decisions stay pending. */
    void notStored() {
        for (Blocked blocked : beginnings.values()) {
            if (failed.add(blocked.entry().source())) {
                count(blocked.entry().rule(), DetectionOutcome.FAILED);
            }
        }
    }

    private void count(String rule, DetectionOutcome outcome) {
        promotions.merge(new RuleOutcome(rule, outcome), 1L, Count::sum);
    }

    /**
     * Measures the time to block of the entries that were just stored. Call it with a clock read after the write, which
     * takes most of that time.
     *
     * @return whether there was anything to measure
     */
    boolean time(long nowMillis) {
        for (Blocked blocked : written) {
            long reached = blocked.detection().reachedMicros();
            timeToBlock = timeToBlock.with(Math.max(0, nowMillis - reached / 1e3) / 1e3);
            recent.add(new RecentDecision(blocked, Instant.ofEpochMilli(nowMillis)));
        }
        boolean any = !written.isEmpty();
        written.clear();
        return any;
    }

    /** As in {@link BlocklistStatus}. */
    List<RecentDecision> decisions() {
        return recent.list();
    }

    Map<RuleOutcome, Long> promotions() {
        return promotions;
    }

    long expirations() {
        return expirations;
    }

    long displacements() {
        return displacements;
    }

    Histogram timeToBlock() {
        return timeToBlock;
    }

    /**
     * The latest decision of each kind on each source. Confined to the enforcer thread. Attackers control the rate of
     * refusals, so refusals have room of their own and evict only each other.
     */
    static final class RecentDecisions {
        /** The most sources kept of each kind; those with the oldest decisions are forgotten. */
        static final int SOURCES_MAX = 500;

        private final Map<IpPrefix, RecentDecision> beginnings = new LinkedHashMap<>();
        private final Map<IpPrefix, RecentDecision> endings = new LinkedHashMap<>();
        private final Map<IpPrefix, RecentDecision> refusals = new LinkedHashMap<>();
        private List<RecentDecision> list = List.of();
        private boolean changed;

        void add(RecentDecision recent) {
            switch (recent.decision()) {
                case Decision.Blocked _ -> add(beginnings, recent);
                case Decision.Refused _ -> add(refusals, recent);
                case Decision.Expired _, Decision.Revoked _, Decision.Displaced _ -> add(endings, recent);
            }
        }

        private void add(Map<IpPrefix, RecentDecision> kind, RecentDecision recent) {
            IpPrefix source = recent.decision().source();
            kind.remove(source); // so that it becomes the last
            kind.put(source, recent);
            if (kind.size() > SOURCES_MAX) {
                kind.remove(kind.keySet().iterator().next());
            }
            changed = true;
        }

        /** The decisions kept, the earliest first; the same list object while nothing changes. */
        List<RecentDecision> list() {
            if (changed) {
                changed = false;
                List<RecentDecision> all = new ArrayList<>(beginnings.values());
                all.addAll(endings.values());
                all.addAll(refusals.values());
                all.sort(Comparator.comparing(RecentDecision::at));
                list = List.copyOf(all);
            }
            return list;
        }
    }
}
