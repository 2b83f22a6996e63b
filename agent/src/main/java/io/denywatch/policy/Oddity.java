package io.denywatch.policy;

/**
 * Contents of an object that calicoctl and Calico's API server refuse, or that Felix interprets in an unexpected way.
 * Felix uses whatever is in the datastore. This is the only list of them; {@code docs/reference/felix-validation.md}
 * shows it. Versions before 3.28 are treated as 3.28, and versions after the last one examined like that one. An entry
 * covers all versions from the first to the last in which it was found, whatever their branch.
 */
public enum Oddity {
    PORT_UNDECODABLE(
            Consequence.NOTHING_LOADS,
            CalicoVersions.ALL,
            "a port that is neither a number from 0 to 65535, nor a range whose lower number comes first, nor a name of 1 to 128 letters, digits, _, . and -",
            "api/pkg/lib/numorstring/port.go"),
    PROTOCOL_UNDECODABLE(
            Consequence.NOTHING_LOADS,
            CalicoVersions.ALL,
            "a protocol that is a number below 0 or above 255, or neither a number nor a text",
            "api/pkg/lib/numorstring/uint8orstring.go"),
    WRONG_TYPE(
            Consequence.NOTHING_LOADS,
            CalicoVersions.ALL,
            "a value whose JSON type is not that of the field, or a number that does not fit the type",
            "api/pkg/apis/projectcalico/v3, libcalico-go/lib/backend/k8s/resources/customresource.go"),
    ACTION_UNKNOWN(
            Consequence.FELIX_STOPS,
            CalicoVersions.ALL,
            "an action other than Allow, Deny, Log and Pass (upper and lower case do not matter)",
            "felix/rules/policy.go"),
    ICMP_WITHOUT_PROTOCOL(
            Consequence.FELIX_STOPS,
            CalicoVersions.ALL,
            "icmp or notICMP with a type, in a rule that is not restricted to ICMP over IPv4 or to ICMPv6 over IPv6, for example because the protocol is a number and ipVersion is missing: iptables refuses the rule",
            "felix/rules/policy.go, felix/iptables/table.go"),
    PROTOCOL_TWICE(
            Consequence.FELIX_STOPS,
            CalicoVersions.ALL,
            "protocol and notProtocol in one rule: iptables refuses the rule",
            "felix/rules/policy.go, felix/iptables/table.go"),
    NOT_EVERYTHING(
            Consequence.FELIX_STOPS,
            CalicoVersions.upTo(30, 2),
            "notNets with 0.0.0.0/0 or ::/0: iptables-nft refuses the rule, and with iptables-legacy no packet matches it",
            "felix/rules/policy.go, felix/iptables/table.go"),
    SELECTOR_OF_BLANKS(
            Consequence.FELIX_STOPS,
            CalicoVersions.ALL,
            "a selector and a notSelector in the same place of a rule, one of which consists of blanks only",
            "felix/calc/rule_scanner.go"),
    NETWORK_SET_NET(
            Consequence.FELIX_STOPS,
            CalicoVersions.upTo(31, 4),
            "in a NetworkSet (the kind with a namespace), a net that is neither an address nor a CIDR",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/networksetprocessor.go"),
    PROTOCOL_ZERO(Consequence.MISSING, CalicoVersions.ALL, "protocol 0", "libcalico-go/lib/validator/v1/validator.go"),
    PROTOCOL_UNKNOWN(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "a protocol that is neither a number nor one of TCP, UDP, ICMP, ICMPv6, SCTP and UDPLite",
            "libcalico-go/lib/validator/v1/validator.go"),
    PORTS_OF_OTHER_PROTOCOL(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "ports or notPorts with a protocol other than TCP, UDP and SCTP",
            "libcalico-go/lib/validator/v1/validator.go"),
    PORTS_WITHOUT_PROTOCOL(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "ports or notPorts that contain a number, in a rule without a protocol",
            "libcalico-go/lib/validator/v1/validator.go"),
    NAMED_PORTS_WITHOUT_PROTOCOL(
            Consequence.MISSING,
            CalicoVersions.upTo(31, CalicoVersions.LAST_PATCH),
            "ports or notPorts that contain only names, in a rule without a protocol",
            "libcalico-go/lib/validator/v1/validator.go"),
    PORT_ZERO(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "port 0, or null in place of a port",
            "libcalico-go/lib/validator/v1/validator.go"),
    PORT_NAME(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "a port name that is longer than 15 characters, has no letter, contains characters other than a to z, 0 to 9 and -, begins or ends with -, or contains --",
            "libcalico-go/lib/validator/v1/validator.go"),
    IP_VERSION(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "an ipVersion other than 4 and 6",
            "libcalico-go/lib/backend/model/rule.go"),
    ICMP_RANGE(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "an ICMP type outside 0 to 254, or a code outside 0 to 255",
            "libcalico-go/lib/backend/model/rule.go"),
    PERFORMANCE_HINT(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "a performance hint other than AssumeNeededOnEveryNode, or the same hint twice",
            "libcalico-go/lib/backend/model/policy.go"),
    SELECTOR(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "a selector that cannot be read",
            "libcalico-go/lib/validator/v1/validator.go, libcalico-go/lib/selector"),
    METADATA(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "an annotation projectcalico.org/metadata that does not contain metadata in JSON",
            "libcalico-go/lib/backend/k8s/resources/list_pager.go"),
    HOST_ENDPOINT_NODE(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "a HostEndpoint without a node",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/conflictresolvingcacheproc.go"),
    HOST_ENDPOINT(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "a HostEndpoint with an interface name, a profile, or a port's name, number or protocol (tcp, udp, sctp) that is not allowed",
            "libcalico-go/lib/backend/model/hostendpoint.go"),
    LABELS(
            Consequence.MISSING,
            CalicoVersions.upTo(30, 0),
            "in a HostEndpoint or a network set, a label whose value Kubernetes does not allow",
            "libcalico-go/lib/validator/v1/validator.go"),
    TIER_OTHER_THAN_NAME(
            Consequence.ELSEWHERE,
            CalicoVersions.TIER_FROM_NAME,
            "a name that gives another tier than spec.tier: the tier in a name is the part before the first dot, or default if there is no dot",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/globalnetworkpolicyprocessor.go, libcalico-go/lib/names/policy.go"),
    TIER_BEFORE_TIERS(
            Consequence.ELSEWHERE,
            CalicoVersions.WITHOUT_TIERS,
            "a tier other than default: these versions have no tiers",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/globalnetworkpolicyprocessor.go"),
    NET_UNREADABLE(
            Consequence.OTHER_MATCH,
            CalicoVersions.ALL,
            "nets or notNets that contain a text that is neither an address nor a CIDR: Felix ignores the text and, if no net is left, the whole condition",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go"),
    NETS_ALL_UNREADABLE(
            Consequence.EVERY_ADDRESS,
            CalicoVersions.ALL,
            "nets or notNets that contain neither addresses nor CIDRs: Felix ignores the condition, and the rule applies to every address",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go"),
    NET_PASSED_OVER(
            Consequence.OTHER_MATCH,
            CalicoVersions.ALL,
            "in the nets of a network set or the expectedIPs of a HostEndpoint, a text that is neither an address nor a CIDR: Felix ignores the text",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/globalnetworksetprocessor.go"),
    SERVICE_ACCOUNT_NAME(
            Consequence.OTHER_MATCH,
            CalicoVersions.ALL,
            "the name of a service account with a quotation mark in it: the quotation mark changes or removes the rule's condition",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go"),
    NAMESPACE_SELECTOR(
            Consequence.OTHER_MATCH,
            CalicoVersions.ALL,
            "a namespaceSelector or serviceAccountSelector of the policy itself that cannot be read: Felix ignores the selector, and the policy applies to more endpoints",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/selectors.go"),
    TYPES(
            Consequence.OTHER_MATCH,
            CalicoVersions.ALL,
            "types other than Ingress and Egress: Felix ignores them, and if no other type is left, the policy applies to neither direction",
            "felix/calc/policy_sorter.go"),
    ACTION_MISSING(
            Consequence.OTHER_MATCH,
            CalicoVersions.ALL,
            "a rule without an action, or null in place of a rule: it allows everything that it matches",
            "felix/rules/policy.go"),
    UNKNOWN_FIELD(
            Consequence.OTHER_MATCH,
            CalicoVersions.ALL,
            "a field that denywatch does not know: Felix ignores it if Felix does not know it either",
            "k8s.io/apimachinery"),

    MIXED_NETS(
            Consequence.ENFORCED,
            CalicoVersions.ALL,
            "IPv4 and IPv6 nets in one rule, or nets whose IP version is not the rule's ipVersion: for each packet, only the nets of its own IP version count",
            "felix/rules/policy.go"),
    PRE_DNAT_EGRESS(
            Consequence.ENFORCED,
            CalicoVersions.ALL,
            "preDNAT together with egress rules or type Egress: Felix ignores everything for egress",
            "felix/calc/event_sequencer.go"),
    PRE_DNAT_UNTRACKED(
            Consequence.ENFORCED,
            CalicoVersions.ALL,
            "preDNAT together with doNotTrack: Felix ignores preDNAT",
            "felix/calc/event_sequencer.go"),
    NOT_APPLIED_ON_FORWARD(
            Consequence.ENFORCED,
            CalicoVersions.ALL,
            "preDNAT or doNotTrack without applyOnForward: the missing applyOnForward makes no difference",
            "felix/calc/event_sequencer.go"),
    SERVICES_OF_INGRESS(
            Consequence.ENFORCED,
            CalicoVersions.ALL,
            "services in the destination of an ingress rule, in the source of an egress rule, or together with ports",
            "felix/calc/rule_scanner.go"),
    GLOBAL_ELSEWHERE(
            Consequence.ENFORCED,
            CalicoVersions.ALL,
            "global() anywhere but in the namespaceSelector of a rule: it selects everything",
            "libcalico-go/lib/selector/parser/ast.go");

    private final Consequence consequence;

    @SuppressWarnings("ImmutableEnumChecker") // it is immutable: a record of records of numbers
    private final CalicoVersions versions;

    private final String what;
    private final String source;

    Oddity(Consequence consequence, CalicoVersions versions, String what, String source) {
        this.consequence = consequence;
        this.versions = versions;
        this.what = what;
        this.source = source;
    }

    /** The consequence for the object. */
    public Consequence consequence() {
        return consequence;
    }

    /** The versions of Calico that do that. */
    public CalicoVersions versions() {
        return versions;
    }

    /** Whether it applies to one of these versions. */
    public boolean holdsIn(CalicoVersions running) {
        return versions.meets(running);
    }

    /** The contents in words. */
    public String what() {
        return what;
    }

    /** The files of Calico's source code that show it. */
    public String source() {
        return source;
    }

    /** An occurrence of it at the place that the text names. */
    public Occurrence at(String where) {
        return new Occurrence(this, where);
    }

    /**
     * An oddity in an object.
     *
     * @param oddity which
     * @param where the place in the object, and its content
     */
    public record Occurrence(Oddity oddity, String where) {
        /** Whether one of these versions may treat the object differently from what it states. */
        boolean matters(CalicoVersions running) {
            return oddity.consequence != Consequence.ENFORCED && oddity.holdsIn(running);
        }

        /** Whether one of these versions may apply no object at all. */
        boolean breaksAll(CalicoVersions running) {
            return oddity.consequence.isOfAll() && oddity.holdsIn(running);
        }

        /** A copy with the object's name. */
        public Occurrence in(String object) {
            return new Occurrence(oddity, object + " " + where);
        }

        /** As in {@code ingress[0].protocol: 0}. */
        @Override
        public String toString() {
            return where;
        }
    }

    /** The consequence of an oddity. */
    public enum Consequence {
        /** Felix cannot decode any list with the object. */
        NOTHING_LOADS(
                "no policy at all after a restart",
                "Felix can decode neither the object nor any list that contains it. If Felix is running, it keeps what it has"
                        + " read, but no longer sees changes to objects of this kind. If Felix restarts, it never receives all"
                        + " objects and therefore applies none: the kernel keeps its rules until the node restarts, and has no"
                        + " rules after that. No verdict about any policy is then proven."),
        /** Felix stops. */
        FELIX_STOPS(
                "Felix fails and restarts again and again",
                "Felix panics, restarts, and panics again. The kernel keeps the rules that it has. No verdict about any policy is"
                        + " then proven."),
        /** Felix ignores the object. */
        MISSING(
                "Felix ignores the whole object",
                "Felix ignores the whole object, and says so only in its own log. No verdict relies on such a policy."),
        /** The policy is in another tier. */
        ELSEWHERE(
                "the policy is in another tier",
                "The policy may be in the tier of its name, in that of its spec, or in the default tier, so no verdict relies on it."),
        /** The object applies to packets other than those that it states. */
        OTHER_MATCH(
                "it does not apply to exactly what it states",
                "What the object does is not what it appears to do. No verdict relies on such a policy."),
        /** The rule applies to all addresses: an Allow lets in everybody. */
        EVERY_ADDRESS(
                "Felix ignores all nets of a rule, and the rule applies to every address",
                "An Allow rule with such nets allows every source. No verdict relies on such a policy."),
        /** Felix applies it, though calicoctl refuses it. */
        ENFORCED(
                "Felix applies it, although calicoctl refuses it",
                "calicoctl and the API server refuse these. If they reach the datastore nevertheless, Felix applies them, and"
                        + " verdicts take them into account.");

        private final String label;
        private final String sentences;

        Consequence(String label, String sentences) {
            this.label = label;
            this.sentences = sentences;
        }

        /** In a few words. */
        public String label() {
            return label;
        }

        /** The label with a capital letter. */
        public String title() {
            return Character.toUpperCase(label.charAt(0)) + label.substring(1);
        }

        /** What follows from it, in sentences. */
        public String sentences() {
            return sentences;
        }

        /** Whether it affects more than the object itself. */
        public boolean isOfAll() {
            return this == NOTHING_LOADS || this == FELIX_STOPS;
        }
    }
}
