package io.denywatch.agent;

import io.denywatch.api.Enforcement;
import io.denywatch.blocklist.EnforcementGate;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.cluster.survey.CalicoPolicies;
import io.denywatch.cluster.survey.ClusterSurvey;
import io.denywatch.doctor.ClusterFindings;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.doctor.Finding;
import io.denywatch.doctor.FindingKind;
import io.denywatch.doctor.Severity;
import io.denywatch.process.BackOff;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * The cluster part of {@code doctor} in an agent, run at start and periodically because policies change. {@link #poll}
 * is confined to the checkup thread, which may wait long for the cluster; all other methods are thread-safe.
 */
public final class Checkup {
    /** The longest interval between two checks, in milliseconds. */
    static final long EVERY_MILLIS = 600_000;

    /** The random part of the interval, so that agents do not ask at the same time, in milliseconds. */
    static final long SPREAD_MILLIS = 60_000;

    /** The first retry interval after the cluster did not respond, in milliseconds; it doubles with each failure. */
    static final long RETRY_MILLIS = 10_000;

    /** The longest retry interval, in milliseconds: detections do not wait much longer. */
    static final long RETRY_MILLIS_MAX = 40_000;

    private static final System.Logger LOG = System.getLogger(Checkup.class.getName());
    private static final List<String> WITHHOLDING = FindingKind.WITHHOLDING_BLOCKING;

    private final Supplier<ClusterSurvey> cluster;
    private final ClusterFindings.Scope scope;
    private final List<String> overridden;
    private final RandomGenerator random;
    private final BackOff backOff;

    private long polledAtMillis = Long.MIN_VALUE;
    private long dueAtMillis = Long.MIN_VALUE;
    private List<Finding> found = List.of(); // when the cluster last answered
    private Enforcement enforcement = Enforcement.UNKNOWN; // likewise
    private volatile Diagnosis diagnosis = Diagnosis.NONE;
    private volatile EnforcementGate gate = EnforcementGate.PENDING;
    private volatile Optional<List<Range>> allowed = Optional.empty();

    /**
     * Checks nothing before the first {@link #poll}.
     *
     * @param cluster surveys the cluster; may take long, and does not fail
     * @param overridden ids of findings that do not prevent blocking
     * @param random spreads the load of all agents
     */
    Checkup(
            Supplier<ClusterSurvey> cluster,
            ClusterFindings.Scope scope,
            List<String> overridden,
            RandomGenerator random) {
        this.cluster = cluster;
        this.scope = scope;
        this.overridden = List.copyOf(overridden);
        this.random = random;
        backOff = new BackOff(RETRY_MILLIS, RETRY_MILLIS_MAX, random);
    }

    /** Checks the cluster if it is time to. Returns 0 if not. */
    int poll(long nowMillis) {
        if (nowMillis >= polledAtMillis && nowMillis < dueAtMillis) { // false if the clock was set back
            polledAtMillis = nowMillis;
            return 0;
        }
        polledAtMillis = nowMillis;
        ClusterSurvey survey = cluster.get();
        List<Finding> findings = ClusterFindings.of(survey, scope);
        if (survey.unreachable().isEmpty()) {
            // Where policies cannot be read any more, those that were read before still count.
            allowed = Optional.of(survey.policies()
                    .map(CalicoPolicies::allowedRanges)
                    .or(() -> allowed)
                    .orElse(List.of()));
        }
        if (survey.decisive()) {
            dueAtMillis = nowMillis + EVERY_MILLIS - random.nextLong(SPREAD_MILLIS);
            backOff.worked();
            found = findings;
            enforcement = ClusterFindings.enforcement(survey, scope);
            gate = gate(findings);
            publish(findings, nowMillis);
        } else {
            dueAtMillis = nowMillis + backOff.failed();
            // What was found before is still the best that is known.
            List<Finding> all = new ArrayList<>(found);
            all.addAll(findings);
            publish(all, nowMillis);
        }
        return 1;
    }

    private void publish(List<Finding> findings, long nowMillis) {
        Diagnosis now = new Diagnosis(nowMillis, findings, enforcement);
        List<Finding> before = diagnosis.findings();
        for (Finding finding : now.findings()) {
            if (finding.severity().compareTo(Severity.WARNING) >= 0 && !before.contains(finding)) {
                LOG.log(Level.WARNING, "{0}: {1}", finding.id(), finding.whole());
            }
        }
        diagnosis = now;
    }

    private EnforcementGate gate(List<Finding> findings) {
        List<Finding> against = findings.stream()
                .filter(finding -> WITHHOLDING.contains(finding.id()) && !overridden.contains(finding.id()))
                .toList();
        if (against.isEmpty()) {
            boolean proven = findings.stream().noneMatch(finding -> WITHHOLDING.contains(finding.id()));
            return proven ? EnforcementGate.PROVEN : EnforcementGate.GRANTED;
        }
        Finding first = against.getFirst();
        return new EnforcementGate.Withheld(first.id() + ": " + first.whole()
                + (against.size() == 1 ? "" : " (and " + (against.size() - 1) + " more)"));
    }

    /** All findings; those that depend on the cluster are as of its last response. */
    Diagnosis diagnosis() {
        return diagnosis;
    }

    /** Sources that policies allow by address; empty until the cluster has responded once. */
    Optional<List<Range>> allowed() {
        return allowed;
    }

    /** Whether logged packets are known to be denied; pending until the cluster has responded once. */
    EnforcementGate gate() {
        return gate;
    }
}
