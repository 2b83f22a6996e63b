package io.denywatch.policy.verdict;

import io.denywatch.policy.Direction;
import io.denywatch.policy.Policy;
import io.denywatch.policy.Stage;
import io.denywatch.policy.Tier;
import java.util.List;

/**
 * What a packet of one endpoint goes through in one stage.
 *
 * @param title what it is the chain of, in words
 * @param stage the stage
 * @param direction the direction
 * @param accepted packets that are accepted before its policies
 * @param tiers in the order in which they are evaluated
 * @param ending what becomes of packets that nothing in it decided
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

    /** The policies of one tier that are in a chain, in order. */
    record TierSection(Tier tier, List<PolicyStep> steps) {
        TierSection {
            steps = List.copyOf(steps);
        }

        /** Whether the tier's own end takes part: it does if a policy of it applies. */
        boolean isSure() {
            return steps.stream().anyMatch(PolicyStep::sure);
        }
    }

    /**
     * A policy in a chain.
     *
     * @param policy the policy
     * @param sure whether it surely applies; else it may
     */
    record PolicyStep(Policy policy, boolean sure) {}

    /** What becomes of packets that no policy of a chain decided. */
    enum Ending {
        /** They are accepted. */
        ACCEPTED,
        /** They are dropped. */
        DROPPED,
        /** What comes afterwards decides, and it is not analysed. */
        OPEN
    }
}
