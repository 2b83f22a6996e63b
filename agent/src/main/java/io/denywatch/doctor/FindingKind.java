package io.denywatch.doctor;

import static io.denywatch.doctor.Severity.ERROR;
import static io.denywatch.doctor.Severity.NOTE;
import static io.denywatch.doctor.Severity.OK;
import static io.denywatch.doctor.Severity.WARNING;

import io.denywatch.process.PrintableText;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The table of all findings: how bad each is, why it matters and what to do about it. */
public enum FindingKind {
    // A node.
    SOURCE_CHOSEN(OK),
    LOG_READABLE(OK),
    ROTATION(OK),
    STAMPS(OK),
    KERNEL_LINES(OK),
    PACKETS(OK),
    KMSG_READABLE(OK),
    CHECKPOINT_WRITABLE(OK),
    LOG_MISSING(
            ERROR,
            "There is nothing to count from.",
            "Set source.path to the file that the logger writes, in a container mount /var/log of the node, or read"
                    + " the kernel's own log with source.kind=kmsg."),
    LOG_AT_ANOTHER_PATH(ERROR, "There is nothing to count from.", "Set source.path to the log that is there."),
    JOURNALD_ONLY(
            ERROR,
            "The journal is not read by denywatch: there is nothing to count from.",
            "Read the kernel's own log with source.kind=kmsg, or install rsyslog on the node."),
    LOG_NOT_REGULAR(
            ERROR,
            "Only a regular file can be followed: there is nothing to count from.",
            "Set source.path to the file that the logger writes."),
    LOG_UNREADABLE(
            ERROR,
            "There is nothing to count from.",
            "Run the agent with a group that may read it (in Kubernetes: securityContext.supplementalGroups), or as"
                    + " root where no group may."),
    LOG_IS_LINK(
            NOTE,
            "The log and its rotated files are those that the link means; they are looked for in its directory.",
            "In a container, mount that directory at the same path as on the node."),
    LOG_MOUNTED_ALONE(
            ERROR,
            "The name means the same file for ever: after the next rotation, nothing is counted any more.",
            "Mount the directory that the log is in, not the file."),
    ROTATION_COPYTRUNCATE(
            WARNING,
            "Lines that are written between the copy and the truncation are lost, and nothing counts them.",
            "Remove copytruncate, and let postrotate tell the logger to open its file again."),
    ROTATION_OLDDIR(
            WARNING,
            "Rotated files are looked for in the log's directory and in those in it: after a restart, lines in others"
                    + " are not found, and count as a gap, vanished.",
            "Set olddir to a directory in the log's own, or remove it for this log."),
    ROTATION_COMPRESSION(
            WARNING,
            "Only gzip is read: lines that were not read before the compression are lost, and count as a gap,"
                    + " compressed_unreadable.",
            "Use gzip for this log: remove compresscmd, or set it to gzip or pigz."),
    ROTATION_KEEPS_NOTHING(
            WARNING,
            "The log is deleted when it is rotated: lines that were not read by then are lost.",
            "Set rotate to 1 or more for this log."),
    LOGGER_NOT_SIGNALLED(
            WARNING,
            "The log is empty and its rotated file is still being written; the logger was not signalled. An agent that"
                    + " runs reads that file, until it is compressed or deleted.",
            "Tell the logger to open the log again (for rsyslog: kill -HUP), and let postrotate in logrotate's"
                    + " configuration do so each time."),
    ROTATED_UNREADABLE(
            WARNING,
            "Lines in it that were not read before the rotation are lost; they count as a gap, rotated_unreadable.",
            "Let rotated files keep owner, group and mode of the log; if its data are damaged, look at the disk."),
    ROTATION_UNKNOWN(
            NOTE,
            "Nothing that is known here rotates the log: it may fill the disk, or something else rotates it.",
            "Make sure that something does, by renaming the file."),
    LOG_EMPTY(
            WARNING,
            "Whether lines of packets get there cannot be said.",
            "Write a line with logger(1) and see whether it arrives; if not, the logger does not run or writes"
                    + " elsewhere."),
    LOG_OF_KERNEL_ALONE(OK),
    LOG_CAN_BE_FORGED(
            WARNING,
            "Each local user can have any source blocked on all nodes, by lines that look like the kernel's.",
            "Let rsyslog write what imklog reads to a file of its own and set source.trusted, or use source.kind=kmsg."),
    COUNTS_CAN_BE_FORGED(NOTE, "Each local user can make packets up.", "Nothing, while the blocklist is off."),
    LOG_QUIET(
            WARNING,
            "The logger may have stopped, or it may write to another file.",
            "Write a line with logger(1) and see whether it arrives; look at the state of the logger."),
    STAMPS_UNKNOWN(
            WARNING,
            "Behind a time stamp of another form the kernel's tag is not found, and no packet is counted; packets that"
                    + " are counted without a time are taken for new.",
            "Let the logger write RFC 3339 or traditional time stamps (RSYSLOG_FileFormat or"
                    + " RSYSLOG_TraditionalFileFormat)."),
    TIME_ZONE_LEARNED(
            NOTE,
            "The offset is learned from the first lines that are read live; lines read before have wrong times.",
            "Nothing; or set source.timezone to the node's zone."),
    TIME_ZONE_WRONG(
            WARNING,
            "Packets get wrong times: they count as late or in the future, and windows miss them.",
            "Set source.timezone to the node's zone, or to learn."),
    STAMPS_IN_FUTURE(
            WARNING,
            "A clock is or was wrong: packets get wrong times.",
            "See whether the node's clock is right and synchronized."),
    NO_KERNEL_LINES(
            WARNING,
            "Packets are logged by the kernel: if its lines do not get here, nothing is counted.",
            "Compare with dmesg: if that has newer lines than the log, load imklog in rsyslog.conf, or use"
                    + " source.kind=kmsg."),
    RSYSLOG_WITHOUT_IMKLOG(
            ERROR,
            "rsyslog does not read what the kernel logs, so no packet gets into this log.",
            "Add module(load=\"imklog\") to /etc/rsyslog.conf and restart rsyslog, or use source.kind=kmsg."),
    KERNEL_LINES_ELSEWHERE(
            ERROR,
            "The kernel's lines do not get into this log, so no packet does.",
            "Set source.path to the log that has them."),
    NO_PACKETS(
            WARNING,
            "A count of zero may mean that nothing is denied, but also that no rule logs, or with another prefix.",
            "Look for a Log rule that applies to this node, and compare logPrefix of FelixConfiguration with"
                    + " packets.prefixes."),
    ONLY_OTHER_PREFIXES(
            WARNING,
            "Lines with these prefixes are not counted, and there are no others.",
            "If one of them is Calico's, put it into packets.prefixes."),
    OTHER_PREFIXES(
            NOTE,
            "Lines with these prefixes are not counted.",
            "If one of them is Calico's, add it to packets.prefixes."),
    PREFIX_NEVER_MATCHES(
            ERROR,
            "Lines are not counted, since their prefix ends before the configured one does: iptables keeps 29"
                    + " characters with the colon and the blank, and some versions of Calico leave both out.",
            "Shorten the entry of packets.prefixes to its literal beginning."),
    PREFIX_CUT(
            WARNING,
            "iptables keeps 29 characters: names of policies behind them are missing, and prefixes that differ only"
                    + " there are the same.",
            "Shorten logPrefix of FelixConfiguration; denywatch itself needs its beginning only."),
    PREFIX_GLUED(
            NOTE,
            "denywatch reads such lines, other tools may not; Calico with nftables writes them before 3.30.6 and"
                    + " 3.31.4.",
            "Nothing; or update Calico."),
    LINES_WITHOUT_KERNEL_TAG(
            WARNING,
            "Such lines are not counted, for any program could have written them.",
            "Let the logger write a template with the tag, such as RSYSLOG_FileFormat."),
    UNRECOGNIZED_LINES(
            WARNING,
            "They may be packets, and are counted as lines alone (result=\"unrecognized\").",
            "Let the logger write RSYSLOG_FileFormat or RSYSLOG_TraditionalFileFormat; where a program writes them,"
                    + " see which and why. \"denywatch parse --malformed\" prints them all."),
    PACKETS_LOGGED_TWICE(
            WARNING,
            "Each of them counts as two packets.",
            "Load one of imklog, imkmsg and imjournal in rsyslog, not two; where journald forwards to syslog, none."),
    SEVERAL_HOSTS(
            WARNING,
            "Packets of other nodes are counted here, and by their own agents: sums over nodes are too high.",
            "Write what comes from the network to a file of its own (a ruleset for imudp, imtcp or imrelp), or set"
                    + " source.path to a log that only this node writes to."),
    MALFORMED_LINES(
            WARNING,
            "Such lines are not counted: something cuts or changes them on their way, or somebody else uses the"
                    + " prefix.",
            "See them with \"denywatch parse --malformed\"."),
    LINES_SUPPRESSED(
            WARNING,
            "Lines were dropped before they got here: counts are lower than the truth.",
            "Raise the rate limit of what dropped them or, for lost kernel messages, the kernel's log_buf_len; or let"
                    + " Calico log less with logActionRateLimit."),
    RESPONSES(
            WARNING,
            "Packets that were answered had been let in: some Log rule logs what is not denied, and that is counted.",
            "Put each Log rule directly before a Deny rule with the same match."),
    ANSWERED_SOURCES(
            WARNING,
            "Whoever was answered was let in: some Log rule logs what is allowed. For an hour from each answer on,"
                    + " such a source is not blocked, but its packets count as denied.",
            "Find the rule by the prefix of its lines, and put it behind the Allow rules, directly before its Deny"
                    + " rule."),
    KMSG_UNREADABLE(
            ERROR,
            "There is nothing to count from.",
            "Give the agent the capability CAP_SYSLOG and the device; in Kubernetes that takes a privileged container."),
    KMSG_NO_ALTERNATIVE(
            NOTE,
            "It is not needed while the text log is read, but would be the way out where there is none.",
            "Nothing."),
    NAMESPACES_NOT_LOGGED(
            WARNING,
            "This node is a container (as kind makes them): the kernel drops what LOG rules in its network namespace"
                    + " log.",
            "Set net.netfilter.nf_log_all_netns to 1 on the machine that runs the container."),
    EBPF_DATA_PLANE(
            WARNING,
            "With the eBPF data plane, Log rules write to the kernel's trace pipe, not to its log: nothing is counted.",
            "See bpfEnabled in FelixConfiguration; denywatch needs the iptables or nftables data plane."),
    CHECKPOINT_UNWRITABLE(
            ERROR,
            "Counters start from zero after each restart, and lines are missed or counted twice.",
            "Make the directory writable for the agent, or set checkpoint.directory to one that is."),
    CHECKPOINT_DISK_FULL(
            ERROR,
            "The agent takes its room at the first start; without it, counters start from zero after each restart.",
            "Make room, or set checkpoint.directory to another disk."),

    // A cluster.
    CALICO_API(OK),
    LOGGED_IS_DENIED(OK),
    CLUSTER_UNREACHABLE(
            ERROR,
            "Nothing is known of the cluster: neither load balancers nor whether logged packets are denied.",
            "See whether the API server runs, and whether the kubeconfig or the pod's service account is the right"
                    + " one."),
    CALICO_MISSING(
            ERROR,
            "Packets are logged by rules of Calico's policies; without Calico nothing is logged.",
            "Install Calico, or use denywatch where it is."),
    CALICO_NOT_READY(
            ERROR,
            "Nothing is blocked while the blocklist cannot be written.",
            "Do what the problem says; the agent goes on by itself, unless blocklist.api has to be set."),
    CALICO_READ_ONLY(
            NOTE,
            "It does not matter to counting, but blocklist.mode=enforce would block nothing.",
            "Nothing, until then."),
    POLICIES_UNREADABLE(
            WARNING,
            "Whether logged packets are denied is not known: those of clients that are let in may be counted as well.",
            "Let the account list Calico's policies, tiers, sets, host endpoints and Felix configurations."),
    ALLOWLIST_CAN_BE_BLOCKED(
            WARNING,
            "Anyone who forges the addresses of such clients can have them blocked, because the blocklist's policy"
                    + " comes before the one that lets them in.",
            "Put these sources into blocklist.neverBlock, or name them in the policy's nets or in network sets."),
    POLICIES_NOT_CHECKED(
            NOTE,
            "The blocklist is off, so nothing depends on it; but whether logged packets are denied is not known.",
            "Nothing; or run \"denywatch doctor\" with an account that may list Calico's policies."),
    BLOCKLIST_POLICY_NAME_TAKEN(
            WARNING,
            "What installs the blocklist's policy under this name replaces this one with all that is in it, and some"
                    + " tools (Argo CD, kubectl apply) do not ask.",
            "Choose another name: blocklist.policy, which the chart takes from blocklist.policy.name. Or, if it is to"
                    + " be replaced, see first that what it denies stays denied."),
    NO_LOG_RULE(
            WARNING,
            "No packet is logged, and so none is counted: zero does not mean that none is denied.",
            "Install the policy that \"denywatch policies\" prints as denywatch-log-denied-packets, with those after"
                    + " it."),
    NO_HOST_ENDPOINT(
            WARNING,
            "Policies before DNAT apply to host endpoints only: without one, they deny and log nothing on the node.",
            "Enable automatic host endpoints in KubeControllersConfiguration, or create a HostEndpoint for the node."),
    HOST_ENDPOINT_NOT_USED(
            WARNING,
            "No policy applies to it: what it is to protect is not protected, and nothing is logged there.",
            "Set its node, and interfaceName or expectedIPs. Of several for one interface keep one: Calico uses the"
                    + " first by name."),
    FAILSAFE_PORTS_UNREADABLE(
            WARNING,
            "Felix ends when it reads a failsafe port that is not TCP or UDP, and policies are no longer updated on"
                    + " the node. Settings in annotations are not read here, so it is not known which ports are open"
                    + " whatever policies say.",
            "Give each failsafe port as protocol TCP or UDP, port and, if needed, net, and in spec."),
    LOG_PREFIX_NOT_COUNTED(
            ERROR,
            "The lines that Calico writes are taken for those of somebody else: nothing is counted.",
            "Add the literal beginning of logPrefix to packets.prefixes."),
    LOG_RATE_LIMITED(
            WARNING,
            "Calico logs no more packets than that for each rule: counts are samples, and rules of the blocklist are"
                    + " reached late or never.",
            "Unset logActionRateLimit of FelixConfiguration where exact counts matter."),
    EXTERNAL_TRAFFIC_POLICY_CLUSTER(
            NOTE,
            "Rules before DNAT see the client's own address all the same; for packets that another node passed on,"
                    + " rules after DNAT see the address of that node.",
            "Nothing, where your Log rules are preDNAT; else set externalTrafficPolicy to Local."),
    PERMISSION_MISSING(
            ERROR,
            "What the configuration asks for cannot be done by this account.",
            "Grant it; if this is not the agent's account, ask with the agent's."),

    // The policies of a cluster.
    LOG_MAY_NOT_BE_DENIED(
            ERROR,
            "Its lines are counted as denied packets, but some may be of clients that are let in.",
            "Put the Log rule directly before a Deny rule with the same match, in the same policy."),
    LOG_SURELY_ALLOWED(
            ERROR,
            "Its lines are counted as denied packets, but the host endpoint lets these packets in.",
            "Remove the Log rule, or put it directly before a Deny rule with the same match."),
    POLICIES_NOT_FINISHED(
            ERROR,
            "Its lines are counted as denied packets, but whether these are of clients that are let in is not known:"
                    + " the policies would take too long to judge.",
            "Put the Log rule directly before a Deny rule with the same match, in the same policy, or before fewer"
                    + " rules with several conditions each."),
    LOG_WITHOUT_HOST_ENDPOINT(
            WARNING,
            "The policy does nothing here: nothing is logged, and zero packets does not mean that none are denied.",
            "Make the policy apply to a host endpoint of this node."),
    LOG_RULES_NOT_USED(
            WARNING,
            "These rules log nothing, and zero packets does not mean that none are denied.",
            "Make the policy apply to this direction."),
    RULE_FOR_FAILSAFE_PORTS(
            WARNING,
            "Calico accepts packets to failsafe ports at a host endpoint before any policy: the rule can neither log"
                    + " nor deny them.",
            "Use another port. Or take the port off failsafeInboundHostPorts or failsafeOutboundHostPorts of"
                    + " FelixConfiguration, if you are sure that no policy will then cut off your nodes."),
    LOG_ONLY_POLICY_BLOCKS(
            ERROR,
            "Calico drops at the end of a tier what none of its policies decides, and logging decides nothing: the"
                    + " policy cuts off the endpoints that no other policy of its tier applies to.",
            "Add a rule that allows what is to go on, or move the Log rule into a policy that decides."),
    LOG_ONLY_POLICY_MAY_BLOCK(
            WARNING,
            "Calico drops at the end of a tier what none of its policies decides, and logging decides nothing."
                    + " Kubernetes network policies count as such policies, and are not read here.",
            "Make sure that another policy of the tier applies to the same endpoints; or add a rule that allows what"
                    + " is to go on, or move the Log rule into a policy that decides."),
    BLOCKLIST_POLICY_MISSING(
            ERROR,
            "Sources that are put on the blocklist are not blocked.",
            "Install the policy that \"denywatch policies\" prints as denywatch-blocklist, with a --selector that"
                    + " fits, and without --xdp where host endpoints are automatic."),
    BLOCKLIST_POLICY_WITHOUT_GLOBAL_GUARD(
            WARNING,
            "Anyone who may label a pod, or create a NetworkSet in a namespace, can block addresses.",
            "Add \"namespaceSelector: global()\" next to the source selector."),
    BLOCKLIST_POLICY_NOT_DENY(
            ERROR, "The rule does not block sources on the blocklist.", "Make the rule's action Deny."),
    BLOCKLIST_POLICY_AFTER_ALLOW(
            WARNING,
            "What it accepts is not blocked, even if the source is on the blocklist.",
            "Give the blocklist's policy a lower order than this one, in the same stage and tier."),
    VALIDATION_WOULD_DROP_POLICY(
            ERROR,
            "Felix treats such a policy as missing, whole, and says so in its own log only.",
            "Correct the policy and apply it with calicoctl, or with kubectl through projectcalico.org/v3."),
    FELIX_IGNORES_OBJECT(
            ERROR,
            "Felix treats the object as missing, and says so in its own log only.",
            "Correct the object and apply it with calicoctl, or with kubectl through projectcalico.org/v3."),
    TIER_IS_UNCERTAIN(
            WARNING,
            "Nothing is proven of a policy that may be evaluated in one tier or in another.",
            "Begin the policy's name with its tier and a dot, or use a name without dots in the default tier."),
    FELIX_READS_IT_DIFFERENTLY(
            ERROR,
            "What it applies to is not what it says, so nothing is proven by it.",
            "Correct the object and apply it with calicoctl, or with kubectl through projectcalico.org/v3."),
    FELIX_STOPS(
            ERROR,
            "Felix fails, and again after each restart: no change to any policy gets into effect any more.",
            "Correct or delete the object at once, then see whether calico-node is ready on all nodes."),
    FELIX_CANNOT_READ_POLICIES(
            ERROR,
            "One such object is enough: a running Felix learns of no change to any object of its kind, and one that"
                    + " restarts gets no policy at all.",
            "Correct or delete the object at once, before calico-node restarts anywhere."),
    REFUSED_BY_CALICOCTL(
            NOTE,
            "Felix applies it; calicoctl and the API server refuse any change to such a policy.",
            "Correct the policy when it is changed next."),
    ALLOWLIST_BEATS_BLOCKLIST(
            NOTE,
            "Sources that it allows are let in even if they are on the blocklist.",
            "Nothing, if that is meant; else give the blocklist's policy a lower order."),
    BLOCKLIST_BEATS_ALLOWLIST(
            NOTE,
            "Sources that it allows are blocked all the same once they are on the blocklist.",
            "Nothing: agents never put them there. What people block by hand, the policy denies."),
    SEVERAL_LOG_RULES_SEE_SAME_PACKET(
            WARNING,
            "Such packets are counted once for each line: sources reach thresholds too early.",
            "Make the matches of the Log rules exclude each other.");

    /** Ids of the findings that withhold blocking: it may hit clients that are let in, or that is not known. */
    public static final List<String> WITHHOLDING_BLOCKING = Stream.of(
                    LOG_MAY_NOT_BE_DENIED, LOG_SURELY_ALLOWED, POLICIES_NOT_FINISHED, POLICIES_UNREADABLE)
            .map(FindingKind::id)
            .toList();

    private final Severity severity;
    private final String why;
    private final String remedy;

    FindingKind(Severity severity) {
        this(severity, "", "");
    }

    FindingKind(Severity severity, String why, String remedy) {
        this.severity = severity;
        this.why = why;
        this.remedy = remedy;
    }

    /** The stable name in output, metrics and settings: {@code log-missing}. */
    public String id() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** How bad it is. */
    public Severity severity() {
        return severity;
    }

    /** The finding with its values. What would steer a terminal, in values that come from elsewhere, is a question mark. */
    public Finding found(String what) {
        return found(what, remedy);
    }

    /** The same where something else is to be done. */
    Finding found(String what, String instead) {
        return new Finding(this, PrintableText.line(what), why, instead, List.of());
    }

    /** What to do about it; empty where all is well. */
    String remedy() {
        return remedy;
    }
}
