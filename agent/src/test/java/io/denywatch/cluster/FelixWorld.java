package io.denywatch.cluster;

import io.denywatch.cluster.survey.PolicyJson;
import io.denywatch.cluster.survey.PolicyReader;
import io.denywatch.felix.Journeys;
import io.denywatch.felix.Journeys.Fates;
import io.denywatch.felix.Journeys.Log;
import io.denywatch.felix.ObjectDraw;
import io.denywatch.felix.Objects;
import io.denywatch.felix.Release;
import io.denywatch.policy.CalicoVersions;
import io.denywatch.policy.Direction;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.Oddity;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Tier;
import io.denywatch.policy.verdict.LogVerdict;
import io.denywatch.policy.verdict.Verdict;
import io.denywatch.policy.verdict.VerdictAnalysis;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.IntPredicate;

/**
 * A cluster's objects, read by the product and by a second Felix for each release that may run.
 *
 * @param objects as the product sees them
 * @param mayRun the releases
 * @param stored whether they are those that are stored, of {@code crd.projectcalico.org/v1}
 * @param packets how many are sent
 * @param seed of the packets
 */
record FelixWorld(Objects objects, Set<Release> mayRun, boolean stored, int packets, long seed) {
    FelixWorld with(Objects others) {
        return new FelixWorld(others, mayRun, stored, packets, seed);
    }

    /** What each Felix does that may run. */
    List<Fates> fates() {
        List<Fates> fates = new ArrayList<>();
        for (Release release : mayRun) {
            for (Objects read : stored(release)) {
                fates.add(Journeys.of(release, read, ObjectDraw.NODE, packets, seed));
            }
        }
        return fates;
    }

    private List<Objects> stored(Release release) {
        if (stored) {
            return List.of(objects);
        }
        int mixed = new Random(seed).nextInt();
        List<IntPredicate> formers = release == Release.V3_32_1
                ? List.of(_ -> false, _ -> true, i -> (mixed >> i & 1) != 0)
                : List.of(_ -> true);
        return formers.stream().map(former -> objects.stored(release, former)).toList();
    }

    VerdictAnalysis analysis() {
        List<Oddity.Occurrence> others = new ArrayList<>();
        List<Tier> tiers = objects.tiers().stream()
                .flatMap(object -> PolicyReader.tier(object, others).stream())
                .toList();
        PolicyState state = new PolicyState(
                tiers,
                objects.policies().stream().map(PolicyJson::policy).toList(),
                objects.sets().stream().map(PolicyJson::set).toList(),
                objects.endpoints().stream().map(PolicyJson::hostEndpoint).toList(),
                FailsafePorts.NONE,
                Map.of(),
                versions(),
                others);
        return VerdictAnalysis.of(state, ObjectDraw.NODE);
    }

    private CalicoVersions versions() {
        return mayRun.size() > 1
                ? CalicoVersions.ALL
                : CalicoVersions.of(mayRun.iterator().next().text());
    }

    /** Where a verdict says more than is true in some Felix; empty if none does. */
    Optional<String> violation(VerdictAnalysis analysis, List<Fates> fates) {
        for (LogVerdict verdict : analysis.verdicts()) {
            if (verdict.verdict() != Verdict.SURELY_DENIED && verdict.verdict() != Verdict.SURELY_NOT_DENIED) {
                continue;
            }
            int wrong = verdict.verdict() == Verdict.SURELY_DENIED ? Journeys.ACCEPTED : Journeys.DENIED;
            for (Fates one : fates) {
                if (!one.stuck().isEmpty() || (one.fates().getOrDefault(log(analysis, verdict), 0) & wrong) != 0) {
                    return Optional.of(verdict.log() + " is " + verdict.verdict() + ": " + verdict.why() + " But with "
                            + mayRun + (stored ? " stored " : " v3 ") + one);
                }
            }
        }
        return Optional.empty();
    }

    Optional<String> violation() {
        return violation(analysis(), fates());
    }

    /** Where the verdict's rule stands among the objects. */
    @SuppressWarnings("ReferenceEquality") // equal policies are still two, in two places
    static Log log(VerdictAnalysis analysis, LogVerdict verdict) {
        List<?> policies = analysis.state().policies();
        int at = 0;
        while (policies.get(at) != verdict.log().policy()) {
            at++;
        }
        return new Log(
                at,
                verdict.log().direction() == Direction.INGRESS,
                verdict.log().index());
    }
}
