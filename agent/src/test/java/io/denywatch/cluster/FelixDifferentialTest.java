package io.denywatch.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.felix.Journeys.Fates;
import io.denywatch.felix.Mutation;
import io.denywatch.felix.ObjectDraw;
import io.denywatch.felix.Objects;
import io.denywatch.felix.Release;
import io.denywatch.felix.Shrink;
import io.denywatch.policy.verdict.LogVerdict;
import io.denywatch.policy.verdict.Verdict;
import io.denywatch.policy.verdict.VerdictAnalysis;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The analysis, from objects to verdicts, against a second reader of Calico's objects and many packets. Where a Felix that
 * may run is stuck, with a list that it cannot decode or in a panic, the kernel goes on with rules of an earlier time, so
 * nothing that objects say now is sure.
 */
class FelixDifferentialTest {
    private static final long SEED = Long.getLong("denywatch.felix.seed", 20_261_130);
    private static final int ROUNDS = Integer.getInteger("denywatch.felix.rounds", 2_000);
    private static final int PACKETS = 150;
    private static final int EXAMPLES_MAX = Integer.getInteger("denywatch.felix.examples", 1);

    /** Of the Log rules of which all packets have the same fate, so many in a hundred must be proven. */
    private static final int PROVEN_PERCENT_MIN = 90;

    private static final List<String> RELEASES = List.of("[V3_28_5]", "[V3_31_7]", "[V3_32_1]", "any");

    private final Map<String, Integer> tally = new TreeMap<>();
    private final Map<String, String> examples = new TreeMap<>();
    private final Set<Mutation> met = new HashSet<>();
    private int violations;

    @Test
    void whatIsCalledSureHoldsInEveryFelixThatMayRun() {
        for (long seed = SEED; seed < SEED + ROUNDS; seed++) {
            round(seed);
        }
        examples.forEach((kinds, example) -> System.out.println(kinds + ": " + example));
        System.out.println(violations + " violations in " + ROUNDS + " rounds from seed " + SEED);
        RELEASES.forEach(releases -> System.out.println(releases + ": " + figures(releases)));
        assertTrue(violations == 0, () -> violations + " of " + ROUNDS + ": " + examples);
        Set<Mutation> never = EnumSet.allOf(Mutation.class);
        never.removeAll(met);
        assertTrue(never.isEmpty(), () -> "not met with a verdict: " + never);
        for (String releases : RELEASES) {
            int sure = sure(releases);
            assertTrue(
                    sure > ROUNDS / 20 && proven(releases) * 100 > sure * PROVEN_PERCENT_MIN,
                    () -> releases + ": " + figures(releases));
        }
    }

    private int sure(String releases) {
        return count(releases + " denied") + count(releases + " accepted");
    }

    private int proven(String releases) {
        return count(releases + " denied SURELY_DENIED") + count(releases + " accepted SURELY_NOT_DENIED");
    }

    private String figures(String releases) {
        int sure = sure(releases);
        return "of " + sure + " Log rules whose packets share one fate, " + proven(releases) + " are proven ("
                + (sure == 0 ? 0 : proven(releases) * 100 / sure) + " %); with both fates "
                + count(releases + " both") + ", unseen " + count(releases + " unseen") + ", beside a stuck Felix "
                + count(releases + " stuck");
    }

    private int count(String what) {
        return tally.getOrDefault(what, 0);
    }

    private void round(long seed) {
        Random random = new Random(seed * 0x9e3779b97f4a7c15L); // seeds in a row begin alike
        FelixWorld world = draw(random, seed);
        Set<Mutation> mutations = mutate(world.objects(), random);
        VerdictAnalysis analysis = world.analysis();
        List<Fates> fates = world.fates();
        Optional<String> violation = world.violation(analysis, fates);
        if (violation.isPresent()) {
            violations++;
            if (examples.size() < EXAMPLES_MAX && !examples.containsKey(mutations + " " + world.mayRun())) {
                Objects least = Shrink.of(
                        world.objects(), less -> world.with(less).violation().isPresent());
                examples.put(
                        mutations + " " + world.mayRun(),
                        "seed " + seed + " " + world.with(least).violation().orElseThrow() + "\n" + least);
            }
        }
        boolean stuck = fates.stream().anyMatch(one -> !one.stuck().isEmpty());
        String releases = world.mayRun().size() == 1 ? world.mayRun().toString() : "any";
        for (LogVerdict verdict : analysis.verdicts()) {
            int fate = fates.stream()
                    .mapToInt(one -> one.fates().getOrDefault(FelixWorld.log(analysis, verdict), 0))
                    .reduce(0, (one, other) -> one | other);
            String truth = stuck
                    ? "stuck"
                    : List.of("unseen", "accepted", "denied", "both").get(fate);
            tally.merge(releases + " " + truth, 1, Integer::sum);
            tally.merge(releases + " " + truth + " " + verdict.verdict(), 1, Integer::sum);
            mutations.stream()
                    .filter(mutation -> mutation.isFatal()
                            || verdict.verdict() == Verdict.SURELY_DENIED
                            || verdict.verdict() == Verdict.SURELY_NOT_DENIED)
                    .forEach(met::add);
        }
    }

    private static Set<Mutation> mutate(Objects objects, Random random) {
        Set<Mutation> mutations = EnumSet.noneOf(Mutation.class);
        Mutation[] all = Mutation.values();
        for (int i = random.nextInt(3); i > 0; i--) {
            Mutation mutation = all[random.nextInt(all.length)];
            // Where nothing can be proven, nothing is tested: that is to be rare.
            if ((mutation.isFatal() && random.nextBoolean())
                    || (mutation.needsTiers() && objects.tiers().isEmpty())) {
                continue;
            }
            mutation.apply(objects, random);
            mutations.add(mutation);
        }
        return mutations;
    }

    private static FelixWorld draw(Random random, long seed) {
        int which = random.nextInt(4);
        Set<Release> mayRun = which < 3 ? EnumSet.of(Release.values()[which]) : EnumSet.allOf(Release.class);
        boolean tiers = !mayRun.equals(Set.of(Release.V3_28_5)) && random.nextBoolean();
        boolean stored = random.nextInt(3) > 0;
        return new FelixWorld(new ObjectDraw(random, tiers, stored).objects(), mayRun, stored, PACKETS, seed);
    }
}
