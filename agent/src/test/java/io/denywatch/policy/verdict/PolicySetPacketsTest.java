package io.denywatch.policy.verdict;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.policy.Action;
import io.denywatch.policy.Policy;
import io.denywatch.policy.Rule;
import io.denywatch.policy.manifest.PolicyOptions;
import io.denywatch.policy.manifest.PolicySet;
import io.denywatch.policy.manifest.ProtectedAddress;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which packets the rules of a policy set match. */
class PolicySetPacketsTest {
    @Test
    void whatIsDeniedIsLoggedUnlessTheBlocklistTookIt() {
        PolicySet set = PolicySet.of(PolicyOptions.of(
                List.of(
                        ProtectedAddress.parse("203.0.113.7"),
                        ProtectedAddress.parse("203.0.113.8:31000"),
                        ProtectedAddress.parse("[2001:db8::7]:53/udp"),
                        ProtectedAddress.parse("203.0.113.9:9/sctp")),
                List.of()));
        Conditions conditions = new Conditions(new Steps(Steps.MAX));
        List<PacketBox> logged = new ArrayList<>();
        List<PacketBox> denied = new ArrayList<>();
        for (Policy policy : set.policies()) {
            for (Rule rule : policy.ingress()) {
                List<PacketBox> match = RuleMatch.of(rule, null, conditions);
                if (rule.action() == Action.LOG) {
                    logged.addAll(match);
                }
                if (policy.name().startsWith("denywatch-deny-")) {
                    denied.addAll(match);
                }
            }
        }
        assertTrue(isEmpty(denied, logged, SelectorKnowledge.always(conditions)));
        assertTrue(isEmpty(logged, denied, SelectorKnowledge.always(conditions)));
    }

    private static boolean isEmpty(List<PacketBox> these, List<PacketBox> without, SelectorKnowledge facts) {
        PacketSet left = PacketSet.of(these, facts);
        left.minus(without);
        return left.isEmpty();
    }
}
