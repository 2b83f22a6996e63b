package io.denywatch.policy.verdict;

import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.RulePosition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The proven facts about one {@code Log} rule.
 *
 * @param log the rule
 * @param verdict fate of the packets that it logs
 * @param decidedBy the rule that determines the verdict; null if no single rule does
 * @param why one sentence
 * @param caveats assumptions and omissions of the verdict; one sentence each
 * @param hostEndpoints the node's host endpoints that the rule applies to
 * @param loggedAgain other {@code Log} rules that may log the same packets
 * @param exceptPods whether all packets logged at host endpoints are certainly denied, and only those logged at pods
 *     may not be
 */
public record LogVerdict(
        RulePosition log,
        Verdict verdict,
        @Nullable RulePosition decidedBy,
        String why,
        List<String> caveats,
        List<HostEndpoint> hostEndpoints,
        List<RulePosition> loggedAgain,
        boolean exceptPods) {
    /** Copies the lists. */
    public LogVerdict {
        caveats = List.copyOf(caveats);
        hostEndpoints = List.copyOf(hostEndpoints);
        loggedAgain = List.copyOf(loggedAgain);
    }
}
