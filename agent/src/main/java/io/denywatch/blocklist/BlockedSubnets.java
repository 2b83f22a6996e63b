package io.denywatch.blocklist;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.detection.Detection;
import io.denywatch.detection.SubnetLengths;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The subnets among the entries of one decision, and whether another one may be blocked. They have limits of their own:
 * they neither displace sources nor make room for them. Confined to that decision.
 *
 * <p>A subnet contains sources that sent nothing, so the evidence is read more strictly than that against a source. A
 * subnet is not blocked if an established connection to any of its sources was seen, whether or not the log is trusted,
 * nor at half the signs of forged sources that open the breaker, and no evidence is overwhelming.
 */
final class BlockedSubnets {
    private static final String ESTABLISHED = "established source in the subnet";

    private final PromotionPolicy policy;
    private final PromotionPolicy.Facts facts;
    private final Instant now;
    private final SubnetLengths widest;
    private final Map<IpPrefix, BlockEntry> entries; // of all sources and subnets; not owned
    private @Nullable NeverBlock established; // built when it is needed

    BlockedSubnets(
            PromotionPolicy policy, PromotionPolicy.Facts facts, Map<IpPrefix, BlockEntry> entries, Instant now) {
        this.policy = policy;
        this.facts = facts;
        this.entries = entries;
        this.now = now;
        widest = SubnetLengths.widest(policy.rules());
    }

    /** Why a subnet is not blocked, if it is not. */
    Optional<Decision.Refused> refusal(Detection detection, Breaker breaker) {
        Optional<Range> by = established(detection.source());
        if (by.isPresent()) {
            return Optional.of(new Decision.Refused(detection, DetectionOutcome.NEVER_BLOCK, by.get()));
        }
        return limit(breaker).map(outcome -> new Decision.Refused(detection, outcome, null));
    }

    private Optional<Range> established(IpPrefix subnet) {
        if (established == null) {
            established = new NeverBlock(facts.established().stream()
                    .map(answer -> new Range(answer.source(), ESTABLISHED))
                    .toList());
        }
        return established.touching(subnet);
    }

    private Optional<DetectionOutcome> limit(Breaker breaker) {
        if (breaker instanceof Breaker.Open || Breaker.isRestless(facts.signs(), policy.limits())) {
            return Optional.of(DetectionOutcome.BREAKER);
        }
        if (count() >= policy.limits().subnetsMax()) {
            return Optional.of(DetectionOutcome.LIMIT);
        }
        // Entries keep whole seconds: each may be up to a second younger than it says. So the limit survives a restart.
        Instant minuteAgo = now.minus(EnforcementState.RATE_SPAN).minusSeconds(1);
        long latest = entries.values().stream()
                .filter(entry ->
                        SubnetLengths.isSubnet(entry.source()) && entry.at().isAfter(minuteAgo))
                .count();
        return latest >= policy.limits().newSubnetsPerMinuteMax()
                ? Optional.of(DetectionOutcome.RATE)
                : Optional.empty();
    }

    /** How many there are. */
    int count() {
        return widest.equals(SubnetLengths.NONE)
                ? 0
                : (int) entries.keySet().stream()
                        .filter(SubnetLengths::isSubnet)
                        .count();
    }

    /** The source, and each wider prefix around it that an entry may have, the widest first. */
    List<IpPrefix> around(IpPrefix source) {
        Ip network = source.network();
        List<IpPrefix> around = new ArrayList<>();
        for (int length = widest.length(network); length <= source.length(); length++) {
            Ip wider = new Ip(network.high() & IpPrefix.highMask(length), network.low() & IpPrefix.lowMask(length));
            around.add(new IpPrefix(wider, length));
        }
        return around;
    }
}
