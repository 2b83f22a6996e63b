package io.denywatch.blocklist;

import static io.denywatch.blocklist.TestDetections.NOBODY;
import static io.denywatch.blocklist.TestDetections.SCAN;
import static io.denywatch.blocklist.TestDetections.START;
import static io.denywatch.blocklist.TestDetections.detection;
import static io.denywatch.blocklist.TestDetections.never;
import static io.denywatch.blocklist.TestDetections.source;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.ManualList.ManualExemption;
import io.denywatch.blocklist.PromotionPolicy.Facts;
import io.denywatch.blocklist.PromotionPolicy.Ruling;
import io.denywatch.detection.Detection;
import io.denywatch.detection.EstablishedSource;
import io.denywatch.detection.SpoofingSigns;
import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Every combination of what decides whether a detection leads to a block, against a table. */
class MayLeadToBlockTest {
    private static final PromotionPolicy POLICY =
            new PromotionPolicy(List.of(SCAN), new BlocklistLimits(10, 10, 10), Duration.ofHours(6));
    private static final IpPrefix SOURCE = source(1);
    private static final Detection DETECTION = detection(1, SOURCE, SCAN, START);

    /** Reasons to exempt a source. */
    private enum Exempt {
        CONFIGURED,
        BY_HAND,
        ESTABLISHED
    }

    private record Case(EnforcementGate gate, LogTrust trust, boolean complete, Set<Exempt> exempt) {
        Facts facts(List<Detection> detections) {
            return new Facts(
                    detections,
                    gate,
                    trust,
                    SpoofingSigns.NONE,
                    new NeverBlock.Known(
                            exempt.contains(Exempt.CONFIGURED) ? never(SOURCE.toString()) : NOBODY, complete),
                    exempt.contains(Exempt.BY_HAND)
                            ? new ManualList(List.of(), List.of(new ManualExemption(SOURCE, START.plusSeconds(60))))
                            : ManualList.EMPTY,
                    exempt.contains(Exempt.ESTABLISHED) ? List.of(new EstablishedSource(SOURCE, START)) : List.of());
        }

        /** Whether the source is exempt for certain, so that its block ends as well. */
        boolean isExempt() {
            return exempt.contains(Exempt.CONFIGURED)
                    || exempt.contains(Exempt.BY_HAND)
                    || (exempt.contains(Exempt.ESTABLISHED) && trust == LogTrust.TRUSTED);
        }

        /** The table: nothing if no detection is decided on now, else the refusal, else a block. */
        Optional<Optional<DetectionOutcome>> expected() {
            if (!complete || !(gate instanceof EnforcementGate.Granted)) {
                return Optional.empty();
            }
            if (trust == LogTrust.REFUSED) {
                return Optional.of(Optional.of(DetectionOutcome.UNTRUSTED_LOG));
            }
            boolean doubted = exempt.contains(Exempt.ESTABLISHED) && gate.equals(EnforcementGate.GRANTED);
            return Optional.of(isExempt() || doubted ? Optional.of(DetectionOutcome.NEVER_BLOCK) : Optional.empty());
        }
    }

    private static List<Case> cases() {
        List<EnforcementGate> gates = List.of(
                EnforcementGate.GRANTED,
                EnforcementGate.PROVEN,
                EnforcementGate.PENDING,
                new EnforcementGate.Withheld("a finding"));
        List<Case> cases = new ArrayList<>();
        for (EnforcementGate gate : gates) {
            for (LogTrust trust : LogTrust.values()) {
                for (boolean complete : new boolean[] {true, false}) {
                    for (int bits = 0; bits < 1 << Exempt.values().length; bits++) {
                        Set<Exempt> exempt = EnumSet.noneOf(Exempt.class);
                        for (Exempt each : Exempt.values()) {
                            if ((bits >> each.ordinal() & 1) != 0) {
                                exempt.add(each);
                            }
                        }
                        cases.add(new Case(gate, trust, complete, exempt));
                    }
                }
            }
        }
        return cases;
    }

    @Test
    void aNewDetectionLeadsToABlockOnlyIfNothingSpeaksAgainstIt() {
        for (Case each : cases()) {
            Ruling ruling = POLICY.decide(EnforcementState.NONE, each.facts(List.of(DETECTION)), START);
            assertEquals(each.expected().filter(Optional::isEmpty).isPresent(), isBlocked(ruling), each.toString());
            if (each.expected().isPresent()) {
                assertEquals(each.expected().get(), refusal(ruling), each.toString());
            }
        }
    }

    @Test
    void aWaitingDetectionLeadsToABlockUnderTheSameConditions() {
        EnforcementState waiting =
                new EnforcementState(Blocklist.EMPTY, List.of(), new Breaker.Closed(), List.of(DETECTION));
        for (Case each : cases()) {
            Ruling ruling = POLICY.decide(waiting, each.facts(List.of()), START);
            assertEquals(each.expected().filter(Optional::isEmpty).isPresent(), isBlocked(ruling), each.toString());
            boolean waits = !each.expected().isPresent() && !(each.gate() instanceof EnforcementGate.Withheld);
            boolean doubted = each.trust() == LogTrust.REFUSED
                    || (each.trust() == LogTrust.FORGEABLE
                            && each.exempt().contains(Exempt.ESTABLISHED)
                            && !each.gate().equals(EnforcementGate.PROVEN));
            assertEquals(waits && !doubted, !ruling.state().waiting().isEmpty(), each.toString());
        }
    }

    @Test
    void aBlockEndsIfItsSourceIsExemptForCertainWhateverElseIsKnown() {
        EnforcementState blocked = POLICY.decide(
                        EnforcementState.NONE,
                        new Case(EnforcementGate.PROVEN, LogTrust.TRUSTED, true, Set.of()).facts(List.of(DETECTION)),
                        START)
                .state();
        for (Case each : cases()) {
            Ruling ruling = POLICY.decide(blocked, each.facts(List.of()), START);
            assertEquals(!each.isExempt(), isBlocked(ruling), each.toString());
        }
    }

    private static boolean isBlocked(Ruling ruling) {
        return ruling.state().blocklist().entries().containsKey(SOURCE);
    }

    private static Optional<DetectionOutcome> refusal(Ruling ruling) {
        return ruling.decisions().stream()
                .filter(Decision.Refused.class::isInstance)
                .map(decision -> ((Decision.Refused) decision).outcome())
                .findFirst();
    }
}
