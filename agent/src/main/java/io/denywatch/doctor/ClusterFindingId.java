package io.denywatch.doctor;

import static io.denywatch.doctor.Severity.ERROR;
import static io.denywatch.doctor.Severity.NOTE;
import static io.denywatch.doctor.Severity.OK;
import static io.denywatch.doctor.Severity.WARNING;

/** What can be found out about a cluster beside its policies, each with how bad it is, why it matters and what to do. */
enum ClusterFindingId {
    /** Calico's data can be read. */
    CALICO_API(OK),
    /** All rules that the account needs are there. */
    PERMISSIONS(OK),
    /** Each packet that is logged is denied. */
    LOGGED_IS_DENIED(OK),

    /** No answer. */
    CLUSTER_UNREACHABLE(
            ERROR,
            "Nothing is known of the cluster: neither load balancers nor whether logged packets are denied.",
            "See whether the API server runs, and whether the kubeconfig or the pod's service account is the right one."),
    /** Calico is not there. */
    CALICO_MISSING(
            ERROR,
            "Packets are logged by rules of Calico's policies; without Calico nothing is logged.",
            "Install Calico, or use denywatch where it is."),
    /** The blocklist is to be written and can't be. */
    CALICO_NOT_READY(
            ERROR,
            "Nothing is blocked while the blocklist cannot be written.",
            "Do what the problem says; the agent goes on by itself, unless blocklist.api has to be set."),
    /** The blocklist could not be written. */
    CALICO_READ_ONLY(
            NOTE,
            "It does not matter to counting, but blocklist.mode=enforce would block nothing.",
            "Nothing, until then."),
    /** Policies can't be read. */
    POLICIES_UNREADABLE(
            WARNING,
            "Whether logged packets are denied is not known: those of clients that are let in may be counted as well.",
            "Let the account list Calico's policies, tiers, sets, host endpoints and Felix configurations."),
    /** Not all whom policies let in are exempt. */
    ALLOWLIST_CAN_BE_BLOCKED(
            WARNING,
            "Anyone who forges the addresses of such clients can have them blocked, because the blocklist's policy comes"
                    + " before the one that lets them in.",
            "Put these sources into blocklist.neverBlock, or name them in the policy's nets or in network sets."),
    /** Policies need not be read, and can't be. */
    POLICIES_NOT_CHECKED(
            NOTE,
            "The blocklist is off, so nothing depends on it; but whether logged packets are denied is not known.",
            "Nothing; or run \"denywatch doctor\" with an account that may list Calico's policies."),
    /** The name of the blocklist's policy is that of another one. */
    BLOCKLIST_POLICY_NAME_TAKEN(
            WARNING,
            "What installs the blocklist's policy under this name replaces this one with all that is in it, and some tools"
                    + " (Argo CD, kubectl apply) do not ask.",
            "Choose another name: blocklist.policy, which the chart takes from blocklist.policy.name. Or, if it is to be"
                    + " replaced, see first that what it denies stays denied."),
    /** Nothing logs. */
    NO_LOG_RULE(
            WARNING,
            "No packet is logged, and so none is counted: zero does not mean that none is denied.",
            "Install the policy that \"denywatch policies\" prints as denywatch-log-denied-packets, with those after it."),
    /** Nothing on the node that policies could apply to. */
    NO_HOST_ENDPOINT(
            WARNING,
            "Policies before DNAT apply to host endpoints only: without one, they deny and log nothing on the node.",
            "Enable automatic host endpoints in KubeControllersConfiguration, or create a HostEndpoint for the node."),
    /** A host endpoint that is none. */
    HOST_ENDPOINT_NOT_USED(
            WARNING,
            "No policy applies to it: what it is to protect is not protected, and nothing is logged there.",
            "Set its node, and interfaceName or expectedIPs. Of several for one interface keep one: Calico uses the first by"
                    + " name."),
    /** Felix does not take the lists, or reads them in another way than this program. */
    FAILSAFE_PORTS_UNREADABLE(
            WARNING,
            "Felix ends when it reads a failsafe port that is not TCP or UDP, and policies are no longer updated on the node."
                    + " Settings in annotations are not read here, so it is not known which ports are open whatever"
                    + " policies say.",
            "Give each failsafe port as protocol TCP or UDP, port and, if needed, net, and in spec."),
    /** Lines begin in another way than expected. */
    LOG_PREFIX_NOT_COUNTED(
            ERROR,
            "The lines that Calico writes are taken for those of somebody else: nothing is counted.",
            "Add the literal beginning of logPrefix to packets.prefixes."),
    /** Calico logs some of the packets only. */
    LOG_RATE_LIMITED(
            WARNING,
            "Calico logs no more packets than that for each rule: counts are samples, and rules of the blocklist are"
                    + " reached late or never.",
            "Unset logActionRateLimit of FelixConfiguration where exact counts matter."),
    /** Nodes hide the addresses of clients from one another. */
    EXTERNAL_TRAFFIC_POLICY_CLUSTER(
            NOTE,
            "Rules before DNAT see the client's own address all the same; for packets that another node passed on, rules"
                    + " after DNAT see the address of that node.",
            "Nothing, where your Log rules are preDNAT; else set externalTrafficPolicy to Local."),
    /** The account lacks a rule. */
    PERMISSION_MISSING(
            ERROR,
            "What the configuration asks for cannot be done by this account.",
            "Grant it; if this is not the agent's account, ask with the agent's.");

    private final Severity severity;
    private final String why;
    private final String remedy;

    ClusterFindingId(Severity severity) {
        this(severity, "", "");
    }

    ClusterFindingId(Severity severity, String why, String remedy) {
        this.severity = severity;
        this.why = why;
        this.remedy = remedy;
    }

    Finding found(String what) {
        return Finding.of(this, severity, what, why, remedy);
    }
}
