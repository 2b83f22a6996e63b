package io.denywatch.agent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.api.Enforcement;
import io.denywatch.blocklist.EnforcementGate;
import io.denywatch.cluster.CalicoApi;
import io.denywatch.cluster.survey.CalicoPolicies;
import io.denywatch.cluster.survey.ClusterSurvey;
import io.denywatch.cluster.survey.FelixSettings;
import io.denywatch.doctor.ClusterFindings;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.doctor.Finding;
import io.denywatch.policy.PolicyState;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class CheckupTest {
    private static final long START_MILLIS = 1_795_435_200_000L;
    private static final CalicoApi.Origin ORIGIN = new CalicoApi.Origin(CalicoApi.GROUP_V3, "v3", true, "v3.31.7");

    private static final ClusterSurvey DOWN = ClusterSurvey.unreachable("no answer");
    private static final ClusterSurvey WITHOUT_CALICO = survey(Optional.empty(), ClusterSurvey.NOT_THERE);
    private static final ClusterSurvey SECRETIVE = survey(Optional.of(ORIGIN), "GET policies: 403");
    /** Nothing is logged, so that nothing is logged and let in. */
    private static final ClusterSurvey CLEAN = new ClusterSurvey(
            "",
            Optional.of(ORIGIN),
            "",
            Optional.of(new CalicoPolicies(
                    ORIGIN,
                    new PolicyState(List.of(), List.of(), List.of(), List.of()),
                    List.of(),
                    FelixSettings.DEFAULT,
                    Map.of())),
            "",
            List.of(),
            List.of());

    private ClusterSurvey cluster = CLEAN;
    private int asked;
    private long millis = START_MILLIS;
    private Checkup checkup = checkup(List.of());

    private static ClusterSurvey survey(Optional<CalicoApi.Origin> origin, String problem) {
        return new ClusterSurvey("", origin, "", Optional.empty(), problem, List.of(), List.of());
    }

    private Checkup checkup(List<String> overridden) {
        return new Checkup(
                () -> {
                    asked++;
                    return cluster;
                },
                new ClusterFindings.Scope(Optional.of("n1"), true, "denywatch-blocklist", List.of("calico-packet")),
                overridden,
                new SplittableRandom(7));
    }

    private void run(long forMillis) {
        for (long end = millis + forMillis; millis < end; millis += 100) {
            checkup.poll(millis);
        }
    }

    private List<String> ids() {
        return checkup.diagnosis().findings().stream().map(Finding::id).toList();
    }

    @Test
    void looksAtStartAndAboutEveryTenMinutes() {
        assertEquals(EnforcementGate.PENDING, checkup.gate());
        assertEquals(Diagnosis.NONE, checkup.diagnosis());
        run(200);
        assertEquals(1, asked);
        assertEquals(EnforcementGate.PROVEN, checkup.gate());
        assertTrue(ids().contains("no-log-rule"), () -> ids().toString());
        assertEquals(START_MILLIS, checkup.diagnosis().atMillis());

        run(10 * Checkup.EVERY_MILLIS);
        assertTrue(asked >= 11 && asked <= 12, () -> "asked " + asked + " times");
    }

    @Test
    void knowsOfEnforcementWhatTheClusterLastAnswered() {
        cluster = DOWN;
        run(200);
        assertEquals(Enforcement.UNKNOWN, checkup.diagnosis().enforcement());

        cluster = CLEAN; // and without a policy
        run(Checkup.RETRY_MILLIS_MAX + 100);
        assertEquals(Enforcement.MISSING, checkup.diagnosis().enforcement());

        cluster = DOWN;
        run(2 * Checkup.EVERY_MILLIS);
        assertEquals(Enforcement.MISSING, checkup.diagnosis().enforcement());

        cluster = SECRETIVE;
        run(Checkup.EVERY_MILLIS);
        assertEquals(Enforcement.UNKNOWN, checkup.diagnosis().enforcement());
    }

    @Test
    void refusesWhereItIsNotKnownThatLoggedPacketsAreDenied() {
        cluster = SECRETIVE;
        run(200);
        assertEquals(new EnforcementGate.Withheld("policies-unreadable: GET policies: 403"), checkup.gate());

        cluster = CLEAN;
        run(Checkup.EVERY_MILLIS);
        assertEquals(EnforcementGate.PROVEN, checkup.gate());
    }

    @Test
    void grantsInSpiteOfFindingsThatAreOverriddenAndShowsThem() {
        checkup = checkup(List.of("policies-unreadable"));
        cluster = SECRETIVE;
        run(200);
        assertEquals(EnforcementGate.GRANTED, checkup.gate());
        assertTrue(ids().contains("policies-unreadable"), () -> ids().toString());

        checkup = checkup(List.of("log-surely-allowed"));
        run(200);
        assertTrue(checkup.gate() instanceof EnforcementGate.Withheld, "another finding is overridden");
    }

    @Test
    void staysPendingUntilTheClusterAnswersAndAsksAgainSoon() {
        for (ClusterSurvey none : List.of(DOWN, WITHOUT_CALICO)) {
            checkup = checkup(List.of());
            cluster = none;
            asked = 0;
            run(Checkup.RETRY_MILLIS + 100);
            assertEquals(2, asked);
            run(20 * Checkup.RETRY_MILLIS_MAX);
            assertTrue(asked >= 22 && asked <= 43, () -> "asked " + asked + " times");
            assertEquals(EnforcementGate.PENDING, checkup.gate());
            cluster = CLEAN;
            run(Checkup.RETRY_MILLIS_MAX + 100);
            assertEquals(EnforcementGate.PROVEN, checkup.gate());
        }
    }

    @Test
    void keepsWhatWasFoundWhileTheClusterDoesNotAnswer() {
        cluster = SECRETIVE;
        run(200);
        EnforcementGate refused = checkup.gate();
        List<String> before = ids();

        cluster = DOWN;
        run(2 * Checkup.EVERY_MILLIS);
        assertEquals(refused, checkup.gate());
        assertTrue(ids().containsAll(before) && ids().contains("cluster-unreachable"), () -> ids().toString());

        cluster = SECRETIVE;
        run(Checkup.EVERY_MILLIS);
        assertEquals(before, ids());
    }

    @Test
    void looksAtOnceWhereTheClockWasSetBack() {
        run(200);
        millis = START_MILLIS - 3_600_000;
        run(200);
        assertEquals(2, asked);
    }
}
