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
            "Without a log, nothing is counted.",
            "Set source.path to the file that the logger writes (in a container, mount the node's /var/log), or read"
                    + " the kernel's own log with source.kind=kmsg."),
    LOG_AT_ANOTHER_PATH(
            ERROR, "Nothing is counted from a log that does not exist.", "Set source.path to the log that exists."),
    JOURNALD_ONLY(
            ERROR,
            "denywatch does not read the journal, so nothing is counted.",
            "Read the kernel's own log with source.kind=kmsg, or install rsyslog on the node."),
    LOG_NOT_REGULAR(
            ERROR, "Only a regular file can be followed.", "Set source.path to the file that the logger writes."),
    LOG_UNREADABLE(
            ERROR,
            "Nothing is counted from a log that cannot be read.",
            "Run the agent with a group that may read the log (in Kubernetes: securityContext.supplementalGroups), or"
                    + " as root if no group may."),
    LOG_IS_LINK(
            NOTE,
            "The agent follows the link, and looks for rotated files in the directory that it leads to.",
            "In a container, mount that directory at the same path as on the node."),
    LOG_MOUNTED_ALONE(
            ERROR,
            "The mount keeps showing the same file, so nothing is counted after the next rotation.",
            "Mount the log's directory instead of the file."),
    ROTATION_COPYTRUNCATE(
            WARNING,
            "Lines that are written between the copy and the truncation are lost, and the loss is not counted.",
            "Remove copytruncate, and let postrotate tell the logger to reopen its file."),
    ROTATION_OLDDIR(
            WARNING,
            "The agent looks for rotated files only in the log's directory and directly below it. After a restart,"
                    + " lines in other directories are not found; they count as a gap with the reason vanished.",
            "Set olddir to a subdirectory of the log's directory, or remove it for this log."),
    ROTATION_COMPRESSION(
            WARNING,
            "The agent reads only gzip. Lines that it has not read before they are compressed are lost; they count as"
                    + " a gap with the reason compressed_unreadable.",
            "Use gzip for this log: remove compresscmd, or set it to gzip or pigz."),
    ROTATION_KEEPS_NOTHING(
            WARNING,
            "The rotation deletes the log, so lines that were not read before are lost.",
            "Set rotate to 1 or more for this log."),
    LOGGER_NOT_SIGNALLED(
            WARNING,
            "The logger was not told to reopen the log, and still writes to the rotated file. A running agent reads"
                    + " that file until it is compressed or deleted.",
            "Tell the logger to reopen the log (rsyslog: kill -HUP), and let postrotate in logrotate's configuration"
                    + " do so after each rotation."),
    ROTATED_UNREADABLE(
            WARNING,
            "Lines not read before the rotation are lost; they count as a gap with the reason rotated_unreadable.",
            "Let rotated files keep the log's owner, group and mode. If the data are damaged, check the disk."),
    ROTATION_UNKNOWN(
            NOTE,
            "If nothing else rotates the log, it will fill the disk.",
            "Make sure that something rotates the log by renaming it."),
    LOG_EMPTY(
            WARNING,
            "It is not known whether packets are logged to this file.",
            "Write a line with logger(1). If it does not appear, the logger is not running or writes elsewhere."),
    LOG_OF_KERNEL_ALONE(OK),
    LOG_CAN_BE_FORGED(
            WARNING,
            "Any local user can get any source blocked on all nodes, by writing lines that look like the kernel's.",
            "Let rsyslog write imklog's messages to a separate file and set source.trusted, or use source.kind=kmsg."),
    COUNTS_CAN_BE_FORGED(
            NOTE,
            "Any local user can write lines that count as denied packets.",
            "No action is needed while the blocklist is off."),
    LOG_QUIET(
            WARNING,
            "The logger may have stopped, or it may write to another file.",
            "Write a line with logger(1). If it does not appear, check that the logger runs and where it writes."),
    STAMPS_UNKNOWN(
            WARNING,
            "After a time stamp in an unknown format, the kernel's tag is not found, and the packet is not counted."
                    + " Packets without a time are treated as new.",
            "Let the logger write time stamps as in RSYSLOG_FileFormat or RSYSLOG_TraditionalFileFormat."),
    TIME_ZONE_LEARNED(
            NOTE,
            "The agent learns the offset from the first lines that it reads live. Older lines get wrong times.",
            "If older lines matter, set source.timezone to the node's zone."),
    TIME_ZONE_WRONG(
            WARNING,
            "Packets get wrong times: they count as late or as in the future, and detection misses them.",
            "Set source.timezone to the node's zone, or to learn."),
    STAMPS_IN_FUTURE(
            WARNING,
            "A clock is or was wrong, so packets get wrong times.",
            "Check that the node's clock is right and synchronized."),
    NO_KERNEL_LINES(
            WARNING,
            "The kernel logs the packets, so nothing is counted if its messages do not reach this log.",
            "If dmesg shows messages that are not in this log, load imklog in rsyslog.conf, or use source.kind=kmsg."),
    RSYSLOG_WITHOUT_IMKLOG(
            ERROR,
            "rsyslog does not read the kernel's messages, so no packet reaches this log.",
            "Add module(load=\"imklog\") to /etc/rsyslog.conf and restart rsyslog, or use source.kind=kmsg."),
    KERNEL_LINES_ELSEWHERE(
            ERROR,
            "The kernel's messages go to another log, so no packet reaches this one.",
            "Set source.path to the log that has them."),
    NO_PACKETS(
            WARNING,
            "Either nothing was denied, or no rule logs, or the rules log with another prefix.",
            "Check that a Log rule applies to this node, and compare Felix's logPrefix with packets.prefixes."),
    ONLY_OTHER_PREFIXES(
            WARNING,
            "No packet line has a prefix that is counted.",
            "If one of these prefixes is Calico's, add it to packets.prefixes."),
    OTHER_PREFIXES(
            NOTE,
            "Lines with these prefixes are not counted.",
            "If one of them is Calico's, add it to packets.prefixes."),
    PREFIX_NEVER_MATCHES(
            ERROR,
            "Lines are not counted, because their prefix is shorter than the configured one. iptables keeps 29"
                    + " characters, including the colon and the space; some versions of Calico write neither.",
            "Shorten the entry in packets.prefixes so that the lines begin with it."),
    PREFIX_CUT(
            WARNING,
            "iptables keeps 29 characters. Policy names after that are lost, and some prefixes become the same.",
            "Shorten logPrefix of FelixConfiguration. denywatch itself needs only the beginning of the prefix."),
    PREFIX_GLUED(
            NOTE,
            "denywatch reads them, but other tools may not. Calico before 3.30.6 and 3.31.4 writes them with nftables.",
            "Update Calico if other tools read these lines."),
    LINES_WITHOUT_KERNEL_TAG(
            WARNING,
            "Such lines are not counted, because any program could have written them.",
            "Let the logger use a template with the tag, such as RSYSLOG_FileFormat."),
    UNRECOGNIZED_LINES(
            WARNING,
            "They may be packets, but they are counted only as lines with result=\"unrecognized\".",
            "Let the logger use RSYSLOG_FileFormat or RSYSLOG_TraditionalFileFormat. If a program writes these lines,"
                    + " find out which one and why. \"denywatch parse --malformed\" prints them all."),
    PACKETS_LOGGED_TWICE(
            WARNING,
            "Each of them counts as two packets.",
            "Load only one of imklog, imkmsg and imjournal in rsyslog, or none if journald forwards to syslog."),
    SEVERAL_HOSTS(
            WARNING,
            "Packets of other nodes are counted here and also by their own agents, so sums over nodes are too high.",
            "Write messages from the network to a separate file (with a ruleset for imudp, imtcp or imrelp), or set"
                    + " source.path to a log that only this node writes to."),
    MALFORMED_LINES(
            WARNING,
            "They are not counted. Something cuts or changes them on their way, or another program uses the prefix.",
            "Print them with \"denywatch parse --malformed\"."),
    LINES_SUPPRESSED(
            WARNING,
            "Lines were dropped before they reached this log, so counts are too low.",
            "Raise the rate limit of the program that dropped them. If the kernel lost messages, raise its"
                    + " log_buf_len. Or let Calico log less with logActionRateLimit."),
    RESPONSES(
            WARNING,
            "Packets with a response were allowed: a Log rule logs them, and they count as denied.",
            "Put each Log rule directly before a Deny rule with the same match."),
    ANSWERED_SOURCES(
            WARNING,
            "These sources were allowed, so some Log rule logs allowed packets. For an hour after each response, a"
                    + " source is not blocked, but its packets count as denied.",
            "Find the rule by the prefix of its lines. Move it after the Allow rules, directly before its Deny rule."),
    KMSG_UNREADABLE(
            ERROR,
            "Nothing is counted if the kernel's log cannot be read.",
            "Give the agent CAP_SYSLOG and the device /dev/kmsg. In Kubernetes, this requires a privileged container."),
    KMSG_NO_ALTERNATIVE(
            NOTE,
            "It is not needed while the text log is read. It could replace the text log if that became unusable.",
            "No action is needed."),
    NAMESPACES_NOT_LOGGED(
            WARNING,
            "This node is a container, as with kind. The kernel discards what LOG rules in its network namespace"
                    + " write.",
            "Set net.netfilter.nf_log_all_netns to 1 on the machine that runs the container."),
    EBPF_DATA_PLANE(
            WARNING,
            "In the eBPF data plane, Log rules write to the kernel's trace pipe instead, so nothing is counted.",
            "Check bpfEnabled in FelixConfiguration. denywatch needs the iptables or nftables data plane."),
    CHECKPOINT_UNWRITABLE(
            ERROR,
            "Counters start from zero after each restart, and lines are missed or counted twice.",
            "Make the directory writable for the agent, or set checkpoint.directory to one that is."),
    CHECKPOINT_DISK_FULL(
            ERROR,
            "The agent reserves disk space at its first start. Without it, counters start from zero after each"
                    + " restart.",
            "Free some space, or set checkpoint.directory to another disk."),

    // A cluster.
    CALICO_API(OK),
    LOGGED_IS_DENIED(OK),
    CLUSTER_UNREACHABLE(
            ERROR,
            "It is not known which load balancers there are, nor whether logged packets are denied.",
            "Check that the API server runs, and that the kubeconfig or the pod's service account is the right one."),
    CALICO_MISSING(
            ERROR,
            "Packets are logged by Calico's policies, so nothing is logged without Calico.",
            "Install Calico, or run denywatch in a cluster that has it."),
    CALICO_NOT_READY(
            ERROR,
            "Nothing is blocked while the blocklist cannot be written.",
            "Do what the message says. The agent continues without a restart, unless blocklist.api has to be set."),
    CALICO_READ_ONLY(
            NOTE,
            "Counting works without it, but blocklist.mode=enforce would block nothing.",
            "Do what the message says before you set blocklist.mode=enforce."),
    POLICIES_UNREADABLE(
            WARNING,
            "It is not known whether logged packets are denied, so packets of allowed clients may be counted as well.",
            "Let the account list Calico's policies, tiers, network sets, host endpoints and Felix configurations."),
    ALLOWLIST_CAN_BE_BLOCKED(
            WARNING,
            "The blocklist's policy comes before the policy that allows these clients, so anyone who forges their"
                    + " addresses can get them blocked.",
            "Add these sources to blocklist.neverBlock, or name them in the policy's nets or in network sets."),
    NEVER_BLOCK_SETS_IGNORED(
            WARNING,
            "The agents do not read these sets, so their addresses can be blocked.",
            "Set blocklist.liveExemptions to true, or remove the label."),
    NEVER_BLOCK_SET_IN_PART(
            WARNING,
            "Addresses in the set can be blocked, although its label says that they are exempt.",
            "Correct the set. Its ranges must not be too wide, its name must not begin with denywatch-, and it must not"
                    + " have the label denywatch.io/blocklist."),
    POLICIES_NOT_CHECKED(
            NOTE,
            "It is not known whether logged packets are denied. While the blocklist is off, nothing depends on that.",
            "To find out, run \"denywatch doctor\" with an account that may list Calico's policies."),
    BLOCKLIST_POLICY_NAME_TAKEN(
            WARNING,
            "Installing the blocklist's policy under this name replaces the existing policy with all its rules. Some"
                    + " tools (Argo CD, kubectl apply) do not ask.",
            "Choose another name with blocklist.policy (in the chart: blocklist.policy.name). Before you"
                    + " replace the policy, make sure that what it denies stays denied."),
    NO_LOG_RULE(
            WARNING,
            "No packet is logged or counted, so zero packets does not mean that none are denied.",
            "Install the policy that \"denywatch policies\" prints as denywatch-log-denied-packets, and those after"
                    + " it."),
    NO_HOST_ENDPOINT(
            WARNING,
            "Policies before DNAT apply only to host endpoints: without one, they deny and log nothing on the node.",
            "Enable automatic host endpoints in KubeControllersConfiguration, or create a HostEndpoint for the node."),
    HOST_ENDPOINT_NOT_USED(
            WARNING,
            "No policy applies to it, so nothing is denied or logged there.",
            "Set node, and interfaceName or expectedIPs. Keep one for each interface: Calico uses the first by name."),
    FAILSAFE_PORTS_UNREADABLE(
            WARNING,
            "Felix exits if a failsafe port is neither TCP nor UDP, and then the node's policies are no longer"
                    + " updated. Settings in annotations are not read here, so it is not known which ports are open in"
                    + " spite of policies.",
            "Set each failsafe port in spec, with protocol TCP or UDP, port and, if needed, net."),
    LOG_PREFIX_NOT_COUNTED(
            ERROR,
            "Lines with Calico's prefix are not recognized, so nothing is counted.",
            "Add the beginning of logPrefix, without any % specifier, to packets.prefixes."),
    LOG_RATE_LIMITED(
            WARNING,
            "Calico logs no more packets than this for each rule. Counts are too low, and thresholds of the blocklist"
                    + " are reached late or never.",
            "Unset logActionRateLimit of FelixConfiguration if exact counts matter."),
    EXTERNAL_TRAFFIC_POLICY_CLUSTER(
            NOTE,
            "For packets that another node passed on, rules after DNAT see the address of that node. Rules before DNAT"
                    + " see the client's address.",
            "If your Log rules are not preDNAT, set externalTrafficPolicy to Local."),
    PERMISSION_MISSING(
            ERROR,
            "The account cannot do what the configuration asks for.",
            "Grant the permission. If this is not the agent's account, check again with that account."),

    // The policies of a cluster.
    LOG_MAY_NOT_BE_DENIED(
            ERROR,
            "Its lines count as denied packets, but some may be of allowed clients.",
            "Put the Log rule directly before a Deny rule with the same match, in the same policy."),
    LOG_SURELY_ALLOWED(
            ERROR,
            "Its lines count as denied packets, but the host endpoint allows these packets.",
            "Remove the Log rule, or put it directly before a Deny rule with the same match."),
    POLICIES_NOT_FINISHED(
            ERROR,
            "Its lines count as denied packets, but some may be of allowed clients: the analysis was stopped.",
            "Put the Log rule directly before a Deny rule with the same match, in the same policy. Or simplify the"
                    + " rules after it."),
    LOG_WITHOUT_HOST_ENDPOINT(
            WARNING,
            "The policy logs nothing here, so zero packets does not mean that none are denied.",
            "Make the policy apply to a host endpoint of this node."),
    LOG_RULES_NOT_USED(
            WARNING,
            "These rules log nothing, so zero packets does not mean that none are denied.",
            "Make the policy apply to this direction."),
    RULE_FOR_FAILSAFE_PORTS(
            WARNING,
            "At a host endpoint, Calico accepts packets to failsafe ports before any policy, so the rule can neither"
                    + " log nor deny them.",
            "Use another port. Or remove the port from failsafeInboundHostPorts or failsafeOutboundHostPorts of"
                    + " FelixConfiguration, if you are sure that no policy will then cut off your nodes."),
    LOG_ONLY_POLICY_BLOCKS(
            ERROR,
            "Calico drops packets that reach the end of a tier without a decision, and a Log rule decides nothing. So"
                    + " the policy cuts off endpoints to which no other policy of its tier applies.",
            "Add Allow rules for the packets that may pass, or move the Log rule into a policy that allows or denies."),
    LOG_ONLY_POLICY_MAY_BLOCK(
            WARNING,
            "Calico drops packets that reach the end of a tier without a decision, and a Log rule decides nothing."
                    + " Another policy may decide, but Kubernetes network policies are not read here.",
            "Make sure that another policy of the tier applies to the same endpoints. Or add Allow"
                    + " rules for the packets that may pass, or move the Log rule into a policy that allows or denies."),
    BLOCKLIST_POLICY_MISSING(
            ERROR,
            "Sources on the blocklist are not blocked.",
            "Install the policy that \"denywatch policies\" prints as denywatch-blocklist, with a --selector that"
                    + " matches your host endpoints, and without --xdp if they are automatic."),
    BLOCKLIST_POLICY_WITHOUT_GLOBAL_GUARD(
            WARNING,
            "Anyone who may label a pod, or create a NetworkSet in a namespace, can block addresses.",
            "Add \"namespaceSelector: global()\" next to the source selector."),
    BLOCKLIST_POLICY_NOT_DENY(
            ERROR, "The rule does not block sources on the blocklist.", "Make the rule's action Deny."),
    BLOCKLIST_POLICY_AFTER_ALLOW(
            WARNING,
            "Packets that it allows are not blocked, even if their source is on the blocklist.",
            "Give the blocklist's policy a lower order than this one, in the same stage and tier."),
    VALIDATION_WOULD_DROP_POLICY(
            ERROR,
            "Felix ignores the whole policy, and says so only in its own log.",
            "Correct the policy and apply it with calicoctl, or with kubectl through projectcalico.org/v3."),
    FELIX_IGNORES_OBJECT(
            ERROR,
            "Felix ignores the object, and says so only in its own log.",
            "Correct the object and apply it with calicoctl, or with kubectl through projectcalico.org/v3."),
    TIER_IS_UNCERTAIN(
            WARNING,
            "Calico may evaluate the policy in either of two tiers, so nothing can be proven with it.",
            "Begin the policy's name with its tier and a dot, or use a name without dots in the default tier."),
    FELIX_READS_IT_DIFFERENTLY(
            ERROR,
            "It does not apply to the packets that it names, so nothing can be proven with it.",
            "Correct the object and apply it with calicoctl, or with kubectl through projectcalico.org/v3."),
    FELIX_STOPS(
            ERROR,
            "Felix fails, also after each restart, so changes to policies no longer take effect.",
            "Correct or delete the object at once, then check that calico-node is ready on all nodes."),
    FELIX_CANNOT_READ_POLICIES(
            ERROR,
            "One such object is enough: a running Felix no longer learns of changes to any object of this kind, and a"
                    + " restarted Felix gets no policy at all.",
            "Correct or delete the object at once, before calico-node restarts anywhere."),
    REFUSED_BY_CALICOCTL(
            NOTE,
            "Felix applies the policy, but calicoctl and the API server refuse any change to it.",
            "Correct the policy with its next change."),
    ALLOWLIST_BEATS_BLOCKLIST(
            NOTE,
            "Sources that it allows are not blocked, even if they are on the blocklist.",
            "If this is not intended, give the blocklist's policy a lower order."),
    BLOCKLIST_BEATS_ALLOWLIST(
            NOTE,
            "Sources that it allows are blocked if they are on the blocklist.",
            "No action is needed: agents never block these sources, but entries made by hand do."),
    LOAD_BALANCERS_NOT_PUBLISHED(
            WARNING,
            "The rule matches no packet, so nothing is denied or logged at load balancers.",
            "Set loadBalancers.publish (in the chart: discovery.publish). If it is set, the log of the agent with"
                    + " denywatch_leader 1 says why no address is published."),
    SEVERAL_LOG_RULES_SEE_SAME_PACKET(
            WARNING,
            "Such a packet counts once for each line, so sources reach thresholds too early.",
            "Make sure that no packet matches more than one of these Log rules."),
    CLUSTER_RULES_WITHOUT_LEADER(
            WARNING, "Rules with scope cluster block nothing.", "Let agents get, create and update their Lease."),
    CLUSTER_RULES_AGENTS_MISSING(
            WARNING, "Rules with scope cluster may miss sources.", "Check the agents, their connections and clocks.");

    /** Ids of the findings that prevent blocking, because allowed clients could be blocked. */
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

    /** The finding with its values. In these, a question mark replaces each control and format character. */
    public Finding found(String what) {
        return found(what, remedy);
    }

    /** The finding with a more specific remedy. */
    Finding found(String what, String instead) {
        return new Finding(this, PrintableText.line(what), why, instead, List.of());
    }

    /** What to do about it; empty where all is well. */
    String remedy() {
        return remedy;
    }
}
