package io.denywatch.policy;

/**
 * Contents of an object that calicoctl and Calico's API server refuse, or that Felix reads in another way than it looks. Felix
 * takes whatever is in the datastore. This is the only table of them; {@code docs/reference/felix-validation.md} shows it. Versions before 3.28 are taken for 3.28, and later ones than the last that was
 * read for the last. An entry holds from the first to the last version in which it was found, of all branches.
 */
public enum Oddity {
    PORT_UNDECODABLE(
            Effect.NOTHING_LOADS,
            CalicoVersions.ALL,
            "a port that is no number from 0 to 65535, no range with the lower one first, and no name of 1 to 128 letters, digits, _, . and -",
            "api/pkg/lib/numorstring/port.go"),
    PROTOCOL_UNDECODABLE(
            Effect.NOTHING_LOADS,
            CalicoVersions.ALL,
            "a protocol that is a number below 0 or above 255, or neither number nor text",
            "api/pkg/lib/numorstring/uint8orstring.go"),
    WRONG_TYPE(
            Effect.NOTHING_LOADS,
            CalicoVersions.ALL,
            "a value of another JSON type than the field has, or a number that the type does not hold",
            "api/pkg/apis/projectcalico/v3, libcalico-go/lib/backend/k8s/resources/customresource.go"),
    ACTION_UNKNOWN(
            Effect.FELIX_STOPS,
            CalicoVersions.ALL,
            "an action other than Allow, Deny, Log and Pass, in any case of letters",
            "felix/rules/policy.go"),
    ICMP_WITHOUT_PROTOCOL(
            Effect.FELIX_STOPS,
            CalicoVersions.ALL,
            "icmp or notICMP with a type in a rule that is not for ICMP and IPv4 alone, or for ICMPv6 and IPv6 alone, as with a number for the protocol and no ipVersion: iptables refuses the rule",
            "felix/rules/policy.go, felix/iptables/table.go"),
    PROTOCOL_TWICE(
            Effect.FELIX_STOPS,
            CalicoVersions.ALL,
            "protocol and notProtocol in one rule: iptables refuses the rule",
            "felix/rules/policy.go, felix/iptables/table.go"),
    NOT_EVERYTHING(
            Effect.FELIX_STOPS,
            CalicoVersions.upTo(30, 2),
            "notNets with 0.0.0.0/0 or ::/0: iptables-nft refuses the rule, and with iptables-legacy no packet matches it",
            "felix/rules/policy.go, felix/iptables/table.go"),
    SELECTOR_OF_BLANKS(
            Effect.FELIX_STOPS,
            CalicoVersions.ALL,
            "a rule's selector or notSelector of blanks only, beside the other one",
            "felix/calc/rule_scanner.go"),
    NETWORK_SET_NET(
            Effect.FELIX_STOPS,
            CalicoVersions.upTo(31, 4),
            "a net of a NetworkSet (in a namespace) that is no address and no CIDR",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/networksetprocessor.go"),
    PROTOCOL_ZERO(Effect.MISSING, CalicoVersions.ALL, "protocol 0", "libcalico-go/lib/validator/v1/validator.go"),
    PROTOCOL_UNKNOWN(
            Effect.MISSING,
            CalicoVersions.ALL,
            "a protocol that is no number and none of TCP, UDP, ICMP, ICMPv6, SCTP and UDPLite",
            "libcalico-go/lib/validator/v1/validator.go"),
    PORTS_OF_OTHER_PROTOCOL(
            Effect.MISSING,
            CalicoVersions.ALL,
            "ports or notPorts with a protocol other than TCP, UDP and SCTP",
            "libcalico-go/lib/validator/v1/validator.go"),
    PORTS_WITHOUT_PROTOCOL(
            Effect.MISSING,
            CalicoVersions.ALL,
            "ports or notPorts with a number in a rule without protocol",
            "libcalico-go/lib/validator/v1/validator.go"),
    NAMED_PORTS_WITHOUT_PROTOCOL(
            Effect.MISSING,
            CalicoVersions.upTo(31, CalicoVersions.LAST_PATCH),
            "ports or notPorts with names alone in a rule without protocol",
            "libcalico-go/lib/validator/v1/validator.go"),
    PORT_ZERO(
            Effect.MISSING, CalicoVersions.ALL, "port 0, or none: null", "libcalico-go/lib/validator/v1/validator.go"),
    PORT_NAME(
            Effect.MISSING,
            CalicoVersions.ALL,
            "a port name of more than 15 characters, without a letter, with others than a to z, 0 to 9 and -, or with - first, last or twice",
            "libcalico-go/lib/validator/v1/validator.go"),
    IP_VERSION(
            Effect.MISSING,
            CalicoVersions.ALL,
            "an ipVersion other than 4 and 6",
            "libcalico-go/lib/backend/model/rule.go"),
    ICMP_RANGE(
            Effect.MISSING,
            CalicoVersions.ALL,
            "an ICMP type outside 0 to 254, or a code outside 0 to 255",
            "libcalico-go/lib/backend/model/rule.go"),
    PERFORMANCE_HINT(
            Effect.MISSING,
            CalicoVersions.ALL,
            "a performance hint other than AssumeNeededOnEveryNode, or twice the same",
            "libcalico-go/lib/backend/model/policy.go"),
    SELECTOR(
            Effect.MISSING,
            CalicoVersions.ALL,
            "a selector that cannot be read",
            "libcalico-go/lib/validator/v1/validator.go, libcalico-go/lib/selector"),
    METADATA(
            Effect.MISSING,
            CalicoVersions.ALL,
            "an annotation projectcalico.org/metadata that is no metadata in JSON",
            "libcalico-go/lib/backend/k8s/resources/list_pager.go"),
    HOST_ENDPOINT_NODE(
            Effect.MISSING,
            CalicoVersions.ALL,
            "a HostEndpoint without node",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/conflictresolvingcacheproc.go"),
    HOST_ENDPOINT(
            Effect.MISSING,
            CalicoVersions.ALL,
            "a HostEndpoint with an interface name, a profile, or a port's name, number or protocol (tcp, udp, sctp) that is not allowed",
            "libcalico-go/lib/backend/model/hostendpoint.go"),
    LABELS(
            Effect.MISSING,
            CalicoVersions.upTo(30, 0),
            "a label of a HostEndpoint or network set with a value that Kubernetes does not allow",
            "libcalico-go/lib/validator/v1/validator.go"),
    TIER_OTHER_THAN_NAME(
            Effect.ELSEWHERE,
            CalicoVersions.TIER_FROM_NAME,
            "a name whose part before the first dot (default, if there is none) is another tier than spec.tier says",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/globalnetworkpolicyprocessor.go, libcalico-go/lib/names/policy.go"),
    TIER_BEFORE_TIERS(
            Effect.ELSEWHERE,
            CalicoVersions.WITHOUT_TIERS,
            "a tier other than default: there are no tiers",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/globalnetworkpolicyprocessor.go"),
    NET_UNREADABLE(
            Effect.OTHER_MATCH,
            CalicoVersions.ALL,
            "nets or notNets with a text that is no address and no CIDR: it is passed over, and where no other is left, the rule asks nothing of the address",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go"),
    NETS_ALL_UNREADABLE(
            Effect.EVERY_ADDRESS,
            CalicoVersions.ALL,
            "nets or notNets of which none is an address or a CIDR: they are passed over, and the rule asks nothing of the address",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go"),
    NET_PASSED_OVER(
            Effect.OTHER_MATCH,
            CalicoVersions.ALL,
            "nets of a network set, or expectedIPs of a HostEndpoint, with a text that is no address and no CIDR: it is passed over",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/globalnetworksetprocessor.go"),
    SERVICE_ACCOUNT_NAME(
            Effect.OTHER_MATCH,
            CalicoVersions.ALL,
            "a name of a service account with a quote: it changes or removes what the rule asks",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/rules.go"),
    NAMESPACE_SELECTOR(
            Effect.OTHER_MATCH,
            CalicoVersions.ALL,
            "a policy's own namespaceSelector or serviceAccountSelector that cannot be read: it is left out, and the policy applies to more",
            "libcalico-go/lib/backend/syncersv1/updateprocessors/selectors.go"),
    TYPES(
            Effect.OTHER_MATCH,
            CalicoVersions.ALL,
            "types other than Ingress and Egress: they are passed over, and with no other the policy applies to no direction",
            "felix/calc/policy_sorter.go"),
    ACTION_MISSING(
            Effect.OTHER_MATCH,
            CalicoVersions.ALL,
            "a rule without action, or null in its place: it allows",
            "felix/rules/policy.go"),
    UNKNOWN_FIELD(
            Effect.OTHER_MATCH,
            CalicoVersions.ALL,
            "a field that is not known here: Felix passes over those that it does not know itself",
            "k8s.io/apimachinery"),

    MIXED_NETS(
            Effect.IN_FORCE,
            CalicoVersions.ALL,
            "IPv4 and IPv6 nets in one rule, or nets of another IP version than its ipVersion: of a list, the nets of the packet's version count",
            "felix/rules/policy.go"),
    PRE_DNAT_EGRESS(
            Effect.IN_FORCE,
            CalicoVersions.ALL,
            "preDNAT with egress rules or type Egress: what is for egress is passed over",
            "felix/calc/event_sequencer.go"),
    PRE_DNAT_UNTRACKED(
            Effect.IN_FORCE,
            CalicoVersions.ALL,
            "preDNAT with doNotTrack: doNotTrack counts",
            "felix/calc/event_sequencer.go"),
    NOT_APPLIED_ON_FORWARD(
            Effect.IN_FORCE,
            CalicoVersions.ALL,
            "preDNAT or doNotTrack without applyOnForward: it makes no difference",
            "felix/calc/event_sequencer.go"),
    SERVICES_OF_INGRESS(
            Effect.IN_FORCE,
            CalicoVersions.ALL,
            "services in the destination of an ingress rule or in the source of an egress rule, or beside ports",
            "felix/calc/rule_scanner.go"),
    GLOBAL_ELSEWHERE(
            Effect.IN_FORCE,
            CalicoVersions.ALL,
            "global() in another place than a rule's namespaceSelector: it selects everything",
            "libcalico-go/lib/selector/parser/ast.go");

    private final Effect effect;

    @SuppressWarnings("ImmutableEnumChecker") // it is: a record of records of numbers
    private final CalicoVersions versions;

    private final String what;
    private final String source;

    Oddity(Effect effect, CalicoVersions versions, String what, String source) {
        this.effect = effect;
        this.versions = versions;
        this.what = what;
        this.source = source;
    }

    /** What becomes of the object. */
    public Effect effect() {
        return effect;
    }

    /** The versions of Calico that do that. */
    public CalicoVersions versions() {
        return versions;
    }

    /** Whether it is so in one of these versions. */
    public boolean holdsIn(CalicoVersions running) {
        return versions.meets(running);
    }

    /** What the object holds, in words. */
    public String what() {
        return what;
    }

    /** Where Calico's sources say so. */
    public String source() {
        return source;
    }

    /** One in an object, at the place that the text names. */
    public Found at(String where) {
        return new Found(this, where);
    }

    /**
     * An oddity of an object.
     *
     * @param oddity which
     * @param where where in the object, and what stands there
     */
    public record Found(Oddity oddity, String where) {
        /** Whether some of these versions may not do with the object what it says. */
        boolean matters(CalicoVersions running) {
            return oddity.effect != Effect.IN_FORCE && oddity.holdsIn(running);
        }

        /** Whether some of these versions may do nothing at all that is asked. */
        boolean breaksAll(CalicoVersions running) {
            return oddity.effect.isOfAll() && oddity.holdsIn(running);
        }

        /** The same with the object's name. */
        public Found in(String object) {
            return new Found(oddity, object + " " + where);
        }

        /** As in {@code ingress[0].protocol: 0}. */
        @Override
        public String toString() {
            return where;
        }
    }
}
