package io.denywatch.policy;

import java.util.Locale;

/**
 * Something about the policies that an operator should know.
 *
 * @param kind what it is about, why it matters and what to do
 * @param subject the policy, or the rule
 * @param what what was found; one sentence
 */
public record Finding(Kind kind, String subject, String what) {
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
                "Its lines are counted as denied packets; some of them may be of clients that are let in.",
                "Put the Log rule directly before a Deny rule with the same match, in the same policy."),
        /** Packets are logged that are accepted. */
        LOG_SURELY_ALLOWED(
                Severity.ERROR,
                true,
                "Its lines are counted as denied packets, but they are of clients that are let in.",
                "Remove the Log rule, or put it directly before a Deny rule with the same match."),
        /** A policy that logs applies nowhere on this node. */
        LOG_WITHOUT_HOST_ENDPOINT(
                Severity.WARNING,
                false,
                "The policy does nothing here: nothing is logged, and zero packets does not mean that none are denied.",
                "Enable automatic host endpoints, or make the policy's selector fit the labels of this node's."),
        /** A policy that is to log only, and drops. */
        LOG_ONLY_POLICY_BLOCKS(
                Severity.ERROR,
                false,
                "What no policy of a tier decides is dropped at its end, and logging decides nothing:"
                        + " the policy cuts off the endpoints that it selects.",
                "Add a rule that allows what is to go on, or move the Log rule into a policy that decides."),
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
                "Whoever may label a pod, or create a NetworkSet in a namespace, can block addresses.",
                "Add \"namespaceSelector: global()\" beside the source selector."),
        /** The blocklist is used for something else than denying. */
        BLOCKLIST_POLICY_NOT_DENY(
                Severity.ERROR,
                false,
                "Sources on the blocklist are treated in another way than being blocked.",
                "Make the rule's action Deny."),
        /** Something is let in before the blocklist is asked. */
        BLOCKLIST_POLICY_AFTER_ALLOW(
                Severity.WARNING,
                false,
                "What is accepted before is not blocked, whatever its source.",
                "Give the blocklist's policy a lower order than this one has."),
        /** Felix refuses the policy. */
        VALIDATION_WOULD_DROP_POLICY(
                Severity.ERROR,
                false,
                "Where such a policy gets past the API, Felix treats it as missing and says so in its own log only.",
                "Correct the policy and apply it with calicoctl, or with kubectl through projectcalico.org/v3."),
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
        private final String todo;

        Kind(Severity severity, boolean bansInnocents, String why, String todo) {
            this.severity = severity;
            this.bansInnocents = bansInnocents;
            this.why = why;
            this.todo = todo;
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
        public String todo() {
            return todo;
        }
    }
}
