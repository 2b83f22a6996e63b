package io.denywatch.doctor;

import static io.denywatch.doctor.Severity.ERROR;
import static io.denywatch.doctor.Severity.NOTE;
import static io.denywatch.doctor.Severity.OK;
import static io.denywatch.doctor.Severity.WARNING;

/** All that can be found out about a node: the one table of how bad it is, why it matters and what to do. */
public enum FindingId {
    /** Which of the sources is read. */
    SOURCE_CHOSEN(OK),
    /** The log can be read. */
    LOG_READABLE(OK),
    /** The log's rotation is one that can be followed. */
    ROTATION(OK),
    /** Time stamps can be read. */
    STAMPS(OK),
    /** The kernel's lines reach the log. */
    KERNEL_LINES(OK),
    /** Packets are logged. */
    PACKETS(OK),
    /** The kernel's own log could be read, too. */
    KMSG_READABLE(OK),
    /** Counts will be kept. */
    CHECKPOINT_WRITABLE(OK),

    /** There is neither this log nor another. */
    LOG_MISSING(
            ERROR,
            "There is nothing to count from.",
            "Set source.path to the file that the logger writes, in a container mount /var/log of the node,"
                    + " or read the kernel's own log with source.kind=kmsg."),
    /** There is another log that has what is looked for. */
    LOG_AT_ANOTHER_PATH(ERROR, "There is nothing to count from.", "Set source.path to the log that is there."),
    /** The node's only log is the journal. */
    JOURNALD_ONLY(
            ERROR,
            "The journal is not read by denywatch: there is nothing to count from.",
            "Read the kernel's own log with source.kind=kmsg, or install rsyslog on the node."),
    /** The log is a directory, a pipe or a device. */
    LOG_NOT_REGULAR(
            ERROR,
            "Only a regular file can be followed: there is nothing to count from.",
            "Set source.path to the file that the logger writes."),
    /** The log may not be read. */
    LOG_UNREADABLE(
            ERROR,
            "There is nothing to count from.",
            "Run the agent with a group that may read it (in Kubernetes: securityContext.supplementalGroups),"
                    + " or as root where no group may."),
    /** The log's name is a link to another name. */
    LOG_IS_LINK(
            NOTE,
            "The log and its rotated files are those that the link means; they are looked for in its directory.",
            "In a container, mount that directory at the same path as on the node."),
    /** The log is bind-mounted alone. */
    LOG_MOUNTED_ALONE(
            ERROR,
            "The name means the same file for ever: after the next rotation, nothing is counted any more.",
            "Mount the directory that the log is in, not the file."),

    /** logrotate empties the file in place. */
    ROTATION_COPYTRUNCATE(
            WARNING,
            "Lines that are written between the copy and the truncation are lost, and nothing counts them.",
            "Remove copytruncate, and let postrotate tell the logger to open its file again."),
    /** Rotated files go to a directory in which they are not looked for. */
    ROTATION_OLDDIR(
            WARNING,
            "Rotated files are looked for in the log's directory and in those in it: after a restart, lines in others"
                    + " are not found, and count as a gap, vanished.",
            "Set olddir to a directory in the log's own, or remove it for this log."),
    /** Rotated files are compressed so that they cannot be read. */
    ROTATION_COMPRESSION(
            WARNING,
            "Only gzip is read: lines that were not read before the compression are lost, and count as a gap,"
                    + " compressed_unreadable.",
            "Use gzip for this log: remove compresscmd, or set it to gzip or pigz."),
    /** logrotate deletes the log in place of renaming it. */
    ROTATION_KEEPS_NOTHING(
            WARNING,
            "The log is deleted when it is rotated: lines that were not read by then are lost.",
            "Set rotate to 1 or more for this log."),
    /** The logger writes on in the file that was rotated. */
    LOGGER_NOT_SIGNALLED(
            WARNING,
            "The log is empty and its rotated file is still being written; the logger was not signalled. An agent that"
                    + " runs reads that file, until it is compressed or deleted.",
            "Tell the logger to open the log again (for rsyslog: kill -HUP), and let postrotate in logrotate's"
                    + " configuration do so each time."),
    /** The newest rotated file cannot be read. */
    ROTATED_UNREADABLE(
            WARNING,
            "Lines in it that were not read before the rotation are lost; they count as a gap, rotated_unreadable.",
            "Let rotated files keep owner, group and mode of the log; if its data are damaged, look at the disk."),
    /** logrotate is there and knows nothing of the log. */
    ROTATION_UNKNOWN(
            NOTE,
            "Nothing that is known here rotates the log: it may fill the disk, or something else rotates it.",
            "Make sure that something does, by renaming the file."),

    /** The log has no line yet. */
    LOG_EMPTY(
            WARNING,
            "Whether lines of packets get there cannot be said.",
            "Write a line with logger(1) and see whether it arrives; if not, the logger does not run or writes elsewhere."),
    /** The kernel's lines get into the log, and nobody else's. */
    LOG_OF_KERNEL_ALONE(OK),
    /** Whoever may log can write lines of the kernel, and sources are blocked for them. */
    LOG_CAN_BE_FORGED(
            WARNING,
            "Each local user can have any source blocked on all nodes, by lines that look like the kernel's.",
            "Let rsyslog write what imklog reads to a file of its own and set source.trusted, or use source.kind=kmsg."),
    /** The same where nobody is blocked. */
    COUNTS_CAN_BE_FORGED(NOTE, "Each local user can make packets up.", "Nothing, while the blocklist is off."),
    /** Nothing was written for long. */
    LOG_QUIET(
            WARNING,
            "The logger may have stopped, or it may write to another file.",
            "Write a line with logger(1) and see whether it arrives; look at the state of the logger."),
    /** Time stamps of a form that is not known. */
    STAMPS_UNKNOWN(
            WARNING,
            "Behind a time stamp of another form the kernel's tag is not found, and no packet is counted; packets that"
                    + " are counted without a time are taken for new.",
            "Let the logger write RFC 3339 or traditional time stamps (RSYSLOG_FileFormat or"
                    + " RSYSLOG_TraditionalFileFormat)."),
    /** Time stamps are in another zone than expected, and will be corrected. */
    TIME_ZONE_LEARNED(
            NOTE,
            "The offset is learned from the first lines that are read live; lines read before have wrong times.",
            "Nothing; or set source.timezone to the node's zone."),
    /** Time stamps are in another zone than configured. */
    TIME_ZONE_WRONG(
            WARNING,
            "Packets get wrong times: they count as late or in the future, and windows miss them.",
            "Set source.timezone to the node's zone, or to learn."),
    /** Stamps are ahead of the clock. */
    STAMPS_IN_FUTURE(
            WARNING,
            "A clock is or was wrong: packets get wrong times.",
            "See whether the node's clock is right and synchronized."),

    /** No kernel line, for no known reason. */
    NO_KERNEL_LINES(
            WARNING,
            "Packets are logged by the kernel: if its lines do not get here, nothing is counted.",
            "Compare with dmesg: if that has newer lines than the log, load imklog in rsyslog.conf,"
                    + " or use source.kind=kmsg."),
    /** rsyslog does not read the kernel's log. */
    RSYSLOG_WITHOUT_IMKLOG(
            ERROR,
            "rsyslog does not read what the kernel logs, so no packet gets into this log.",
            "Add module(load=\"imklog\") to /etc/rsyslog.conf and restart rsyslog, or use source.kind=kmsg."),
    /** The kernel's lines go to another file. */
    KERNEL_LINES_ELSEWHERE(
            ERROR,
            "The kernel's lines do not get into this log, so no packet does.",
            "Set source.path to the log that has them."),
    /** No packet line of ours. */
    NO_PACKETS(
            WARNING,
            "A count of zero may mean that nothing is denied, but also that no rule logs, or with another prefix.",
            "Look for a Log rule that applies to this node, and compare logPrefix of FelixConfiguration with"
                    + " packets.prefixes."),
    /** Lines of other LOG rules, and none of ours. */
    ONLY_OTHER_PREFIXES(
            WARNING,
            "Lines with these prefixes are not counted, and there are no others.",
            "If one of them is Calico's, put it into packets.prefixes."),
    /** Lines of other LOG rules. */
    OTHER_PREFIXES(
            NOTE,
            "Lines with these prefixes are not counted.",
            "If one of them is Calico's, add it to packets.prefixes."),
    /** A configured prefix that goes on where the lines' ends. */
    PREFIX_NEVER_MATCHES(
            ERROR,
            "Lines are not counted, since their prefix ends before the configured one does: iptables keeps 29 characters"
                    + " with the colon and the blank, and some versions of Calico leave both out.",
            "Shorten the entry of packets.prefixes to its literal beginning."),
    /** A prefix that iptables cut. */
    PREFIX_CUT(
            WARNING,
            "iptables keeps 29 characters: names of policies behind them are missing, and prefixes that differ only there"
                    + " are the same.",
            "Shorten logPrefix of FelixConfiguration; denywatch itself needs its beginning only."),
    /** No blank before IN=. */
    PREFIX_GLUED(
            NOTE,
            "denywatch reads such lines, other tools may not; Calico with nftables writes them before 3.30.6 and 3.31.4.",
            "Nothing; or update Calico."),
    /** Packet lines that the kernel's tag is missing from. */
    LINES_WITHOUT_KERNEL_TAG(
            WARNING,
            "Such lines are not counted, for any program could have written them.",
            "Let the logger write a template with the tag, such as RSYSLOG_FileFormat."),
    /** Lines with our prefix whose heads are not understood. */
    UNRECOGNIZED_LINES(
            WARNING,
            "They may be packets, and are counted as lines alone (result=\"unrecognized\").",
            "Let the logger write RSYSLOG_FileFormat or RSYSLOG_TraditionalFileFormat; where a program writes them, see"
                    + " which and why. \"denywatch parse --malformed\" prints them all."),
    /** The logger has two inputs that take the kernel's lines. */
    PACKETS_LOGGED_TWICE(
            WARNING,
            "Each of them counts as two packets.",
            "Load one of imklog, imkmsg and imjournal in rsyslog, not two; where journald forwards to syslog, none."),
    /** The node is a log server for others. */
    SEVERAL_HOSTS(
            WARNING,
            "Packets of other nodes are counted here, and by their own agents: sums over nodes are too high.",
            "Write what comes from the network to a file of its own (a ruleset for imudp, imtcp or imrelp), or set"
                    + " source.path to a log that only this node writes to."),
    /** Lines with our prefix that no kernel wrote. */
    MALFORMED_LINES(
            WARNING,
            "Such lines are not counted: something cuts or changes them on their way, or somebody else uses the prefix.",
            "See them with \"denywatch parse --malformed\"."),
    /** Others say that they dropped lines. */
    LINES_SUPPRESSED(
            WARNING,
            "Lines were dropped before they got here: counts are lower than the truth.",
            "Raise the rate limit of what dropped them or, for lost kernel messages, the kernel's log_buf_len; or let"
                    + " Calico log less with logActionRateLimit."),
    /** Calico says that logged connections were answered. */
    RESPONSES(
            WARNING,
            "Packets that were answered had been let in: some Log rule logs what is not denied, and that is counted.",
            "Put each Log rule directly before a Deny rule with the same match."),
    /** Some who count as denied were let in. */
    ANSWERED_SOURCES(
            WARNING,
            "Whoever was answered was let in: some Log rule logs what is allowed. For an hour from each answer on, such a"
                    + " source is not blocked, but its packets count as denied.",
            "Find the rule by the prefix of its lines, and put it behind the Allow rules, directly before its Deny rule."),

    /** The kernel's own log is to be read and cannot be. */
    KMSG_UNREADABLE(
            ERROR,
            "There is nothing to count from.",
            "Give the agent the capability CAP_SYSLOG and the device; in Kubernetes that takes a privileged container."),
    /** The kernel's own log could not be read. */
    KMSG_NO_ALTERNATIVE(
            NOTE,
            "It is not needed while the text log is read, but would be the way out where there is none.",
            "Nothing."),
    /** Containers as nodes, and the kernel logs for the first network namespace only. */
    NAMESPACES_NOT_LOGGED(
            WARNING,
            "This node is a container (as kind makes them): the kernel drops what LOG rules in its network namespace log.",
            "Set net.netfilter.nf_log_all_netns to 1 on the machine that runs the container."),
    /** Signs of a data plane that logs elsewhere. */
    EBPF_DATA_PLANE(
            WARNING,
            "With the eBPF data plane, Log rules write to the kernel's trace pipe, not to its log: nothing is counted.",
            "See bpfEnabled in FelixConfiguration; denywatch needs the iptables or nftables data plane."),

    /** Counts cannot be kept. */
    CHECKPOINT_UNWRITABLE(
            ERROR,
            "Counters start from zero after each restart, and lines are missed or counted twice.",
            "Make the directory writable for the agent, or set checkpoint.directory to one that is."),
    /** There is hardly room for counts. */
    CHECKPOINT_DISK_FULL(
            ERROR,
            "The agent takes its room at the first start; without it, counters start from zero after each restart.",
            "Make room, or set checkpoint.directory to another disk.");

    private final Severity severity;
    private final String why;
    private final String remedy;

    FindingId(Severity severity) {
        this(severity, "", "");
    }

    FindingId(Severity severity, String why, String remedy) {
        this.severity = severity;
        this.why = why;
        this.remedy = remedy;
    }

    /** The stable name that people and programs know it by: {@code log-missing}. */
    public String id() {
        return Finding.id(this);
    }

    /** How bad it is. */
    public Severity severity() {
        return severity;
    }

    /** The finding with its values, of which some come from files: what would steer a terminal is a question mark. */
    public Finding found(String what) {
        return Finding.of(this, severity, what, why, remedy);
    }
}
