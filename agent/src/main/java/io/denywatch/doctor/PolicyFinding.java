package io.denywatch.doctor;

import java.util.List;
import java.util.Locale;

/**
 * Something about the policies that an operator should know.
 *
 * @param kind what it is about, and why it matters
 * @param subject the policy, or the rule
 * @param what what was found; one sentence
 * @param remedy what to do
 * @param caveats what it depends on, or leaves out; one sentence each
 */
public record PolicyFinding(Kind kind, String subject, String what, String remedy, List<String> caveats) {
    /** Copies the list. */
    public PolicyFinding {
        caveats = List.copyOf(caveats);
    }

    /** One for which the usual thing is to be done. */
    PolicyFinding(Kind kind, String subject, String what) {
        this(kind, subject, what, kind.remedy(), List.of());
    }

    /** How bad it is. */
    public enum Severity {
        /** Good to know. */
        NOTE,
        /** Not as intended, most likely. */
        WARNING,
        /** Wrong. */
        ERROR
    }

    /** What can be found. */
    public enum Kind {
        /** Packets are logged that may be accepted. */
        LOG_MAY_NOT_BE_DENIED(
                Severity.ERROR,
                true,
                "Its lines are counted as denied packets, but some may be of clients that are let in.",
                "Put the Log rule directly before a Deny rule with the same match, in the same policy."),
        /** Packets are logged that are accepted. */
        LOG_SURELY_ALLOWED(
                Severity.ERROR,
                true,
                "Its lines are counted as denied packets, but the host endpoint lets these packets in.",
                "Remove the Log rule, or put it directly before a Deny rule with the same match."),
        /** Whether packets that are logged are accepted is not known. */
        POLICIES_NOT_FINISHED(
                Severity.ERROR,
                true,
                "Its lines are counted as denied packets, but whether these are of clients that are let in is not known:"
                        + " the policies would take too long to judge.",
                "Put the Log rule directly before a Deny rule with the same match, in the same policy, or before fewer rules"
                        + " with several conditions each."),
        /** A policy that logs applies nowhere on this node. */
        LOG_WITHOUT_HOST_ENDPOINT(
                Severity.WARNING,
                false,
                "The policy does nothing here: nothing is logged, and zero packets does not mean that none are denied.",
                "Make the policy apply to a host endpoint of this node."),
        /** Rules that log and are not evaluated. */
        LOG_RULES_NOT_USED(
                Severity.WARNING,
                false,
                "These rules log nothing, and zero packets does not mean that none are denied.",
                "Make the policy apply to this direction."),
        /** A rule for ports that are open whatever policies say. */
        RULE_FOR_FAILSAFE_PORTS(
                Severity.WARNING,
                false,
                "Calico accepts packets to failsafe ports at a host endpoint before any policy: the rule can neither log nor"
                        + " deny them.",
                "Use another port. Or take the port off failsafeInboundHostPorts or failsafeOutboundHostPorts of"
                        + " FelixConfiguration, if you are sure that no policy will then cut off your nodes."),
        /** A policy that only logs, and drops by that. */
        LOG_ONLY_POLICY_BLOCKS(
                Severity.ERROR,
                false,
                "Calico drops at the end of a tier what none of its policies decides, and logging decides nothing: the policy"
                        + " cuts off the endpoints that no other policy of its tier applies to.",
                "Add a rule that allows what is to go on, or move the Log rule into a policy that decides."),
        /** The same where it depends on what is not read. */
        LOG_ONLY_POLICY_MAY_BLOCK(
                Severity.WARNING,
                false,
                "Calico drops at the end of a tier what none of its policies decides, and logging decides nothing. Kubernetes"
                        + " network policies count as such policies, and are not read here.",
                "Make sure that another policy of the tier applies to the same endpoints; or add a rule that allows what is to"
                        + " go on, or move the Log rule into a policy that decides."),
        /** Nothing denies what is on the blocklist. */
        BLOCKLIST_POLICY_MISSING(
                Severity.ERROR,
                false,
                "Sources that are put on the blocklist are not blocked.",
                "Install the policy that \"denywatch policies\" prints as denywatch-blocklist, with a --selector that fits, and without"
                        + " --xdp where host endpoints are automatic."),
        /** More than network sets can put addresses on the blocklist. */
        BLOCKLIST_POLICY_WITHOUT_GLOBAL_GUARD(
                Severity.WARNING,
                false,
                "Anyone who may label a pod, or create a NetworkSet in a namespace, can block addresses.",
                "Add \"namespaceSelector: global()\" next to the source selector."),
        /** The blocklist is used for something else than denying. */
        BLOCKLIST_POLICY_NOT_DENY(
                Severity.ERROR,
                false,
                "The rule does not block sources on the blocklist.",
                "Make the rule's action Deny."),
        /** Something is let in before the blocklist is asked. */
        BLOCKLIST_POLICY_AFTER_ALLOW(
                Severity.WARNING,
                false,
                "What it accepts is not blocked, even if the source is on the blocklist.",
                "Give the blocklist's policy a lower order than this one, in the same stage and tier."),
        /** For Felix, the policy is not there. */
        VALIDATION_WOULD_DROP_POLICY(
                Severity.ERROR,
                false,
                "Felix treats such a policy as missing, whole, and says so in its own log only.",
                "Correct the policy and apply it with calicoctl, or with kubectl through projectcalico.org/v3."),
        /** For Felix, a host endpoint or a network set is not there. */
        FELIX_IGNORES_OBJECT(
                Severity.ERROR,
                false,
                "Felix treats the object as missing, and says so in its own log only.",
                "Correct the object and apply it with calicoctl, or with kubectl through projectcalico.org/v3."),
        /** A policy whose tier depends on the version. */
        TIER_IS_UNCERTAIN(
                Severity.WARNING,
                false,
                "Nothing is proven of a policy that may be evaluated in one tier or in another.",
                "Begin the policy's name with its tier and a dot, or use a name without dots in the default tier."),
        /** A policy that is not for Felix what it is for people. */
        FELIX_READS_IT_DIFFERENTLY(
                Severity.ERROR,
                false,
                "What it applies to is not what it says, so nothing is proven by it.",
                "Correct the object and apply it with calicoctl, or with kubectl through projectcalico.org/v3."),
        /** Something on which Felix panics. */
        FELIX_STOPS(
                Severity.ERROR,
                false,
                "Felix fails, and again after each restart: no change to any policy gets into effect any more.",
                "Correct or delete the object at once, then see whether calico-node is ready on all nodes."),
        /** Something that Felix cannot decode. */
        FELIX_CANNOT_READ_POLICIES(
                Severity.ERROR,
                false,
                "One such object is enough: a running Felix learns of no change to any object of its kind, and one that"
                        + " restarts gets no policy at all.",
                "Correct or delete the object at once, before calico-node restarts anywhere."),
        /** Something that Felix does, though calicoctl would not. */
        REFUSED_BY_CALICOCTL(
                Severity.NOTE,
                false,
                "Felix applies it; calicoctl and the API server refuse any change to such a policy.",
                "Correct the policy when it is changed next."),
        /** Some sources are let in even if they are on the blocklist. */
        ALLOWLIST_BEATS_BLOCKLIST(
                Severity.NOTE,
                false,
                "Sources that it allows are let in even if they are on the blocklist.",
                "Nothing, if that is meant; else give the blocklist's policy a lower order."),
        /** Some allowed sources are blocked if they are on the blocklist. */
        BLOCKLIST_BEATS_ALLOWLIST(
                Severity.NOTE,
                false,
                "Sources that it allows are blocked all the same once they are on the blocklist.",
                "Nothing: agents never put them there. What people block by hand, the policy denies."),
        /** One packet, two lines. */
        SEVERAL_LOG_RULES_SEE_SAME_PACKET(
                Severity.WARNING,
                false,
                "Such packets are counted once for each line: sources reach thresholds too early.",
                "Make the matches of the Log rules exclude each other.");

        private final Severity severity;
        private final boolean bansInnocents;
        private final String why;
        private final String remedy;

        Kind(Severity severity, boolean bansInnocents, String why, String remedy) {
            this.severity = severity;
            this.bansInnocents = bansInnocents;
            this.why = why;
            this.remedy = remedy;
        }

        /** The stable name that people and programs know it by: {@code log-may-not-be-denied}. */
        public String id() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        /** How bad it is. */
        public Severity severity() {
            return severity;
        }

        /** Whether blocking on such lines would hit clients that are let in: then it must not be enforced. */
        public boolean bansInnocents() {
            return bansInnocents;
        }

        /** Why it matters. */
        public String why() {
            return why;
        }

        /** What to do. */
        public String remedy() {
            return remedy;
        }
    }
}
