package io.denywatch.doctor;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.Action;
import io.denywatch.policy.EntityMatch;
import io.denywatch.policy.HostEndpoint;
import io.denywatch.policy.Policy;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Protocol;
import io.denywatch.policy.Rule;
import io.denywatch.policy.Stage;
import io.denywatch.policy.verdict.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Deny policies on 100 nodes, judged by what is to be known of them. They have two conditions each and nothing to do with
 * each other, and lie between a Log rule and the rule that denies what it logs. The verdict is checked.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders"})
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class NodeFindingsBenchmark {
    private static final int NODES = 100;

    /** How many policies. */
    @Param({"25", "100"})
    private int policies;

    private PolicyState state = new PolicyState(List.of(), List.of(), List.of(), List.of());

    /** Makes the policies and the host endpoints. */
    @Setup
    public void make() {
        List<Policy> all = new ArrayList<>();
        Rule tcp = Rule.of(Action.LOG).over(Protocol.TCP);
        all.add(Policy.ingress(Stage.PRE_DNAT, "log", 100, "role == 'public'", List.of(tcp)));
        for (int i = 0; i < policies; i++) {
            Rule rule = tcp.does(Action.DENY)
                    .from(EntityMatch.ANY.selected("has(from" + i + ")", ""))
                    .to(EntityMatch.ANY.selected("has(to" + i + ")", ""));
            all.add(Policy.ingress(Stage.PRE_DNAT, "deny" + i, 200 + i, "role == 'public'", List.of(rule)));
        }
        all.add(Policy.ingress(Stage.PRE_DNAT, "rest", 9_000, "role == 'public'", List.of(tcp.does(Action.DENY))));
        List<HostEndpoint> endpoints = new ArrayList<>();
        for (int i = 0; i < NODES; i++) {
            endpoints.add(new HostEndpoint(
                    "n" + i + "-auto-hep",
                    "n" + i,
                    "*",
                    Map.of("role", "public", "kubernetes.io/hostname", "n" + i),
                    List.of(IpPrefix.parse("10.0.0." + i + "/32")),
                    List.of(HostEndpoint.DEFAULT_ALLOW)));
        }
        state = new PolicyState(List.of(), all, List.of(), endpoints);
    }

    /** All findings on all nodes. */
    @Benchmark
    public List<NodeFindings> judge() {
        List<NodeFindings> found = NodeFindings.of(state, state.nodes(), false);
        if (found.stream()
                .flatMap(alike -> alike.verdicts().stream())
                .anyMatch(verdict -> verdict.verdict() != Verdict.SURELY_DENIED)) {
            throw new IllegalStateException("not proven");
        }
        return found;
    }
}
