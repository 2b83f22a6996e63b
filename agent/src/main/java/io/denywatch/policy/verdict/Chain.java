package io.denywatch.policy.verdict;

import io.denywatch.policy.Direction;
import io.denywatch.policy.Policy;
import io.denywatch.policy.Stage;
import io.denywatch.policy.Tier;
import java.util.List;

/**
 * The policies that a packet of one endpoint passes in one stage.
 *
 * @param title the endpoint in words
 * @param stage the stage
 * @param direction the direction
 * @param accepted packets accepted before its policies
 * @param tiers in the order in which they are evaluated
 * @param ending fate of packets that no policy decided
 */
record Chain(
        String title,
        Stage stage,
        Direction direction,
        List<PacketBox> accepted,
        List<TierSection> tiers,
        Ending ending) {
    Chain {
        accepted = List.copyOf(accepted);
        tiers = List.copyOf(tiers);
    }

    /** The policies of one tier in a chain, in order. */
    record TierSection(Tier tier, List<PolicyStep> steps) {
        TierSection {
            steps = List.copyOf(steps);
        }

        /** Whether the tier's default action applies: it does if one of its policies applies. */
        boolean isSure() {
            return steps.stream().anyMatch(PolicyStep::sure);
        }
    }

    /**
     * A policy in a chain.
     *
     * @param policy the policy
     * @param sure whether it certainly applies; otherwise it may
     */
    record PolicyStep(Policy policy, boolean sure) {}

    /** The fate of packets that no policy of a chain decided. */
    enum Ending {
        /** They are accepted. */
        ACCEPTED,
        /** They are dropped. */
        DROPPED,
        /** A later stage, which is not analysed, decides. */
        OPEN
    }
}
