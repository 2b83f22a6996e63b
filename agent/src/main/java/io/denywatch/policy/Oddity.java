package io.denywatch.policy;

/**
 * Contents of an object that calicoctl and Calico's API server refuse, or that Felix interprets in an unexpected way.
 * Felix uses whatever is in the datastore. This is the only list of them; {@code docs/reference/felix-validation.md}
 * shows it. Versions before 3.28 are treated as 3.28, and versions after the last one examined as that one. An entry
 * covers the first to the last version in which it was found, of all branches.
 */
public enum Oddity {
    PORT_UNDECODABLE(
            Consequence.NOTHING_LOADS,
            CalicoVersions.ALL,
            "a port that is no number from 0 to 65535, no range with the lower one first, and no name of 1 to 128 letters, digits, _, . and -",
            "api/pkg/lib/numorstring/port.go"),
    PROTOCOL_UNDECODABLE(
            Consequence.NOTHING_LOADS,
            CalicoVersions.ALL,
            "a protocol that is a number below 0 or above 255, or neither number nor text",
            "api/pkg/lib/numorstring/uint8orstring.go"),
    WRONG_TYPE(
            Consequence.NOTHING_LOADS,
            CalicoVersions.ALL,
            "a value of another JSON type than the field has, or a number that the type does not hold",
            "api/pkg/apis/projectcalico/v3, libcalico-go/lib/backend/k8s/resources/customresource.go"),
    ACTION_UNKNOWN(
            Consequence.FELIX_STOPS,
            CalicoVersions.ALL,
            "an action other than Allow, Deny, Log and Pass, in any case of letters",
            "felix/rules/policy.go"),
    ICMP_WITHOUT_PROTOCOL(
            Consequence.FELIX_STOPS,
            CalicoVersions.ALL,
            "icmp or notICMP with a type in a rule that is not for ICMP and IPv4 alone, or for ICMPv6 and IPv6 alone, as with a number for the protocol and no ipVersion: iptables refuses the rule",
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
            "a rule's selector or notSelector of blanks only, beside the other one",
            "felix/calc/rule_scanner.go"),
    NETWORK_SET_NET(
            Consequence.FELIX_STOPS,
            CalicoVersions.upTo(31, 4),
            "a net of a NetworkSet (in a namespace) that is no address and no CIDR",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/networksetprocessor.go"),
    PROTOCOL_ZERO(Consequence.MISSING, CalicoVersions.ALL, "protocol 0", "libcalico-go/lib/validator/v1/validator.go"),
    PROTOCOL_UNKNOWN(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "a protocol that is no number and none of TCP, UDP, ICMP, ICMPv6, SCTP and UDPLite",
            "libcalico-go/lib/validator/v1/validator.go"),
    PORTS_OF_OTHER_PROTOCOL(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "ports or notPorts with a protocol other than TCP, UDP and SCTP",
            "libcalico-go/lib/validator/v1/validator.go"),
    PORTS_WITHOUT_PROTOCOL(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "ports or notPorts with a number in a rule without protocol",
            "libcalico-go/lib/validator/v1/validator.go"),
    NAMED_PORTS_WITHOUT_PROTOCOL(
            Consequence.MISSING,
            CalicoVersions.upTo(31, CalicoVersions.LAST_PATCH),
            "ports or notPorts with names alone in a rule without protocol",
            "libcalico-go/lib/validator/v1/validator.go"),
    PORT_ZERO(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "port 0, or none: null",
            "libcalico-go/lib/validator/v1/validator.go"),
    PORT_NAME(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "a port name of more than 15 characters, without a letter, with others than a to z, 0 to 9 and -, or with - first, last or twice",
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
            "a performance hint other than AssumeNeededOnEveryNode, or twice the same",
            "libcalico-go/lib/backend/model/policy.go"),
    SELECTOR(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "a selector that cannot be read",
            "libcalico-go/lib/validator/v1/validator.go, libcalico-go/lib/selector"),
    METADATA(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "an annotation projectcalico.org/metadata that is no metadata in JSON",
            "libcalico-go/lib/backend/k8s/resources/list_pager.go"),
    HOST_ENDPOINT_NODE(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "a HostEndpoint without node",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/conflictresolvingcacheproc.go"),
    HOST_ENDPOINT(
            Consequence.MISSING,
            CalicoVersions.ALL,
            "a HostEndpoint with an interface name, a profile, or a port's name, number or protocol (tcp, udp, sctp) that is not allowed",
            "libcalico-go/lib/backend/model/hostendpoint.go"),
    LABELS(
            Consequence.MISSING,
            CalicoVersions.upTo(30, 0),
            "a label of a HostEndpoint or network set with a value that Kubernetes does not allow",
            "libcalico-go/lib/validator/v1/validator.go"),
    TIER_OTHER_THAN_NAME(
            Consequence.ELSEWHERE,
            CalicoVersions.TIER_FROM_NAME,
            "a name whose part before the first dot (default, if there is none) is another tier than spec.tier says",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/globalnetworkpolicyprocessor.go, libcalico-go/lib/names/policy.go"),
    TIER_BEFORE_TIERS(
            Consequence.ELSEWHERE,
            CalicoVersions.WITHOUT_TIERS,
            "a tier other than default: there are no tiers",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/globalnetworkpolicyprocessor.go"),
    NET_UNREADABLE(
            Consequence.OTHER_MATCH,
            CalicoVersions.ALL,
            "nets or notNets with a text that is no address and no CIDR: it is passed over, and where no other is left, the rule asks nothing of the address",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go"),
    NETS_ALL_UNREADABLE(
            Consequence.EVERY_ADDRESS,
            CalicoVersions.ALL,
            "nets or notNets of which none is an address or a CIDR: they are passed over, and the rule asks nothing of the address",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go"),
    NET_PASSED_OVER(
            Consequence.OTHER_MATCH,
            CalicoVersions.ALL,
            "nets of a network set, or expectedIPs of a HostEndpoint, with a text that is no address and no CIDR: it is passed over",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/globalnetworksetprocessor.go"),
    SERVICE_ACCOUNT_NAME(
            Consequence.OTHER_MATCH,
            CalicoVersions.ALL,
            "a name of a service account with a quote: it changes or removes what the rule asks",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go"),
    NAMESPACE_SELECTOR(
            Consequence.OTHER_MATCH,
            CalicoVersions.ALL,
            "a policy's own namespaceSelector or serviceAccountSelector that cannot be read: it is left out, and the policy applies to more",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/selectors.go"),
    TYPES(
            Consequence.OTHER_MATCH,
            CalicoVersions.ALL,
            "types other than Ingress and Egress: they are passed over, and with no other the policy applies to no direction",
            "felix/calc/policy_sorter.go"),
    ACTION_MISSING(
            Consequence.OTHER_MATCH,
            CalicoVersions.ALL,
            "a rule without action, or null in its place: it allows",
            "felix/rules/policy.go"),
    UNKNOWN_FIELD(
            Consequence.OTHER_MATCH,
            CalicoVersions.ALL,
            "a field that is not known here: Felix passes over those that it does not know itself",
            "k8s.io/apimachinery"),

    MIXED_NETS(
            Consequence.IN_FORCE,
            CalicoVersions.ALL,
            "IPv4 and IPv6 nets in one rule, or nets of another IP version than its ipVersion: of a list, the nets of the packet's version count",
            "felix/rules/policy.go"),
    PRE_DNAT_EGRESS(
            Consequence.IN_FORCE,
            CalicoVersions.ALL,
            "preDNAT with egress rules or type Egress: what is for egress is passed over",
            "felix/calc/event_sequencer.go"),
    PRE_DNAT_UNTRACKED(
            Consequence.IN_FORCE,
            CalicoVersions.ALL,
            "preDNAT with doNotTrack: doNotTrack counts",
            "felix/calc/event_sequencer.go"),
    NOT_APPLIED_ON_FORWARD(
            Consequence.IN_FORCE,
            CalicoVersions.ALL,
            "preDNAT or doNotTrack without applyOnForward: it makes no difference",
            "felix/calc/event_sequencer.go"),
    SERVICES_OF_INGRESS(
            Consequence.IN_FORCE,
            CalicoVersions.ALL,
            "services in the destination of an ingress rule or in the source of an egress rule, or beside ports",
            "felix/calc/rule_scanner.go"),
    GLOBAL_ELSEWHERE(
            Consequence.IN_FORCE,
            CalicoVersions.ALL,
            "global() in another place than a rule's namespaceSelector: it selects everything",
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
            return oddity.consequence != Consequence.IN_FORCE && oddity.holdsIn(running);
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
                "Felix cannot decode the object, nor the list that it is in. A running Felix keeps what it has and learns of no"
                        + " change to any object of the kind. One that restarts never has all objects and applies none: the"
                        + " kernel keeps its rules until the node restarts, and then has none. Nothing is proven then."),
        /** Felix stops. */
        FELIX_STOPS(
                "Felix fails and restarts over and over",
                "Felix panics, and does so again after each restart. The kernel keeps the rules that it has. Nothing is proven"
                        + " then."),
        /** Felix ignores the object. */
        MISSING(
                "the whole object is missing",
                "Felix takes the object for missing, whole, and says so in its own log only. Nothing is proven by such a policy."),
        /** The policy is in another tier. */
        ELSEWHERE(
                "the policy is in another tier",
                "The policy may be in the tier of its name, in that of its spec, or in the default tier. Nothing is proven by it."),
        /** The object applies to other packets than it states. */
        OTHER_MATCH(
                "it applies to more or less than it says",
                "Felix applies the object in another way than it looks. Nothing is proven by such a policy."),
        /** The rule applies to all addresses: an Allow lets in everybody. */
        EVERY_ADDRESS(
                "Felix passes over what is no address and no CIDR, and then the rule applies to every address",
                "An Allow with such nets lets in everybody. Nothing is proven by such a policy."),
        /** Felix applies it, though calicoctl refuses it. */
        IN_FORCE(
                "in force, though calicoctl refuses it",
                "calicoctl and the API server refuse these. Where they get past both, Felix applies them, and they count in"
                        + " proofs.");

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
