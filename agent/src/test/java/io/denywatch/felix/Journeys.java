package io.denywatch.felix;

import io.denywatch.felix.Felix.Rendered;
import io.denywatch.felix.Felix.Section;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;

/** What may become of the packets that {@code Log} rules see, as felix/rules/endpoints.go and static.go chain them. */
public final class Journeys {
    /** The packet may be accepted. */
    public static final int ACCEPTED = 1;

    /** The packet may be dropped. */
    public static final int DENIED = 2;

    private static final int OPEN = ACCEPTED | DENIED;
    private static final int NONE = 0;
    private static final String DEFAULT_ALLOW = "projectcalico-default-allow";

    /**
     * A {@code Log} rule.
     *
     * @param policy its policy's place among the objects
     * @param ingress in which list it is
     * @param index from 0
     */
    public record Log(int policy, boolean ingress, int index) {}

    private final Felix felix;
    private final Universe universe;
    private final Map<Log, Integer> fates = new HashMap<>();

    private Journeys(Felix felix, Universe universe) {
        this.felix = felix;
        this.universe = universe;
    }

    /**
     * What one Felix does.
     *
     * @param fates of all {@code Log} rules that see a packet: sets of bits
     * @param stuck why it does not program what the objects say; empty if it does
     */
    public record Fates(Map<Log, Integer> fates, String stuck) {}

    /** What the release makes of the objects as they are stored, and of so many packets. */
    public static Fates of(Release release, Objects stored, String node, int packets, long seed) {
        try {
            return new Fates(of(new Felix(release, stored, node), new Universe(stored, new Random(seed)), packets), "");
        } catch (Felix.Stuck e) {
            return new Fates(Map.of(), String.valueOf(e.getMessage()));
        }
    }

    private static Map<Log, Integer> of(Felix felix, Universe universe, int packets) {
        Journeys journeys = new Journeys(felix, universe);
        for (boolean ingress : new boolean[] {true, false}) {
            List<Map<String, String>> pods = Packet.PODS.stream()
                    .filter(pod -> journeys.isAny(pod, ingress, Journeys::isTracked))
                    .toList();
            List<Model.HostEndpoint> endpoints = felix.local().stream()
                    .filter(endpoint -> journeys.isAny(endpoint.labels(), ingress, _ -> true))
                    .toList();
            for (int i = 0; i < packets && !(pods.isEmpty() && endpoints.isEmpty()); i++) {
                Packet packet = universe.draw();
                endpoints.forEach(endpoint -> journeys.atHost(packet, endpoint, ingress));
                pods.forEach(pod -> journeys.atPod(packet, pod, ingress));
            }
        }
        return journeys.fates;
    }

    private static boolean isTracked(Model.Policy policy) {
        return !policy.doNotTrack() && !policy.preDnat();
    }

    private void tell(List<Log> logs, int fate) {
        logs.forEach(log -> fates.merge(log, fate, (known, more) -> known | more));
    }

    private void atHost(Packet packet, Model.HostEndpoint endpoint, boolean ingress) {
        List<Log> logs = new ArrayList<>();
        int fate = endpoint.interfaceName().equals("*")
                ? NONE
                : through(packet, endpoint.labels(), ingress, Model.Policy::doNotTrack, false, logs);
        if (fate == NONE) {
            // What nothing decides may belong to an established connection, which is accepted after that.
            fate = ACCEPTED | mangled(packet, endpoint, ingress, !logs.isEmpty());
        }
        tell(logs, fate);
    }

    /** Before DNAT, and on to the filter table. */
    private int mangled(Packet packet, Model.HostEndpoint endpoint, boolean ingress, boolean logged) {
        if (!ingress) {
            return filtered(packet, endpoint, false);
        }
        List<Log> logs = new ArrayList<>();
        int fate = through(
                packet, endpoint.labels(), true, policy -> policy.preDnat() && !policy.doNotTrack(), false, logs);
        if (fate == NONE) {
            fate = filtered(packet, endpoint, true);
            if (logged || !logs.isEmpty()) {
                fate |= filtered(universe.rewritten(packet), endpoint, true);
                fate |= filtered(universe.rewritten(packet), endpoint, true);
            }
        }
        tell(logs, fate);
        return fate;
    }

    /** To the host itself, or forwarded: both may be. */
    private int filtered(Packet packet, Model.HostEndpoint endpoint, boolean ingress) {
        List<Log> logs = new ArrayList<>();
        int toHost = through(packet, endpoint.labels(), ingress, Journeys::isTracked, true, logs);
        toHost = toHost == NONE ? byProfiles(endpoint.profiles()) : toHost;
        tell(logs, toHost);
        List<Log> onForward = new ArrayList<>();
        Predicate<Model.Policy> forward = policy -> isTracked(policy) && policy.applyOnForward();
        int forwarded = through(packet, endpoint.labels(), ingress, forward, true, onForward);
        if (forwarded == NONE) {
            // What no forward policy marks goes on to rules that are not Calico's; from v3.31.7 on, one of any
            // direction.
            forwarded = isAny(endpoint.labels(), ingress, forward)
                            || (felix.release().hasTiers() && isAny(endpoint.labels(), !ingress, forward))
                    ? OPEN
                    : ACCEPTED;
        }
        tell(onForward, forwarded);
        return toHost | forwarded;
    }

    private boolean isAny(Map<String, String> labels, boolean ingress, Predicate<Model.Policy> kind) {
        return felix.sections().stream()
                .flatMap(section -> section.policies().stream())
                .anyMatch(policy -> applies(policy, labels, ingress, kind));
    }

    private static int byProfiles(List<String> profiles) {
        return profiles.isEmpty() ? DENIED : profiles.getFirst().equals(DEFAULT_ALLOW) ? ACCEPTED : OPEN;
    }

    private int through(
            Packet packet,
            Map<String, String> labels,
            boolean ingress,
            Predicate<Model.Policy> kind,
            boolean drops,
            List<Log> logs) {
        for (Section section : felix.sections()) {
            boolean any = false;
            boolean passed = false;
            for (Rendered policy : section.policies()) {
                if (passed || !applies(policy, labels, ingress, kind)) {
                    continue;
                }
                any = true;
                switch (verdict(packet, policy, ingress, logs)) {
                    case "allow" -> {
                        return ACCEPTED;
                    }
                    case "deny" -> {
                        return DENIED;
                    }
                    case "pass" -> passed = true;
                    default -> {}
                }
            }
            if (drops && any && !passed && !section.pass()) {
                return DENIED;
            }
        }
        return NONE;
    }

    private static boolean applies(
            Rendered policy, Map<String, String> labels, boolean ingress, Predicate<Model.Policy> kind) {
        return kind.test(policy.policy())
                && policy.policy().governs(ingress)
                && policy.selector().matches(labels);
    }

    private String verdict(Packet packet, Rendered policy, boolean ingress, List<Log> logs) {
        for (int i = 0; i < policy.rules(ingress).size(); i++) {
            RenderedRule rule = policy.rules(ingress).get(i);
            if (!rule.matches(packet, felix::at)) {
                continue;
            }
            switch (rule.action()) {
                case "log" -> logs.add(new Log(policy.policy().id(), ingress, i));
                case "deny" -> {
                    return "deny";
                }
                case "next-tier", "pass" -> {
                    return "pass";
                }
                default -> {
                    return "allow";
                }
            }
        }
        return "";
    }

    /** Between two policies of a pod there may be others, of its namespace. */
    private void atPod(Packet packet, Map<String, String> pod, boolean ingress) {
        for (Section section : felix.sections()) {
            boolean any = false;
            boolean passed = false;
            for (Rendered policy : section.policies()) {
                if (passed || !applies(policy, pod, ingress, Journeys::isTracked)) {
                    continue;
                }
                any = true;
                List<Log> logs = new ArrayList<>();
                String verdict = verdict(packet, policy, ingress, logs);
                tell(logs, verdict.equals("allow") ? ACCEPTED : verdict.equals("deny") ? DENIED : OPEN);
                passed = verdict.equals("pass");
                if (!passed && !verdict.isEmpty()) {
                    return;
                }
            }
            if (any && !passed && !section.pass()) {
                return;
            }
        }
    }
}
