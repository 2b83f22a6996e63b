package io.denywatch.explain;

import io.denywatch.api.OutputOption;
import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.ManualList.ManualEntry;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.cluster.sets.BlocklistSet;
import io.denywatch.cluster.sets.ManualBlocklist;
import io.denywatch.config.ClusterOptions;
import io.denywatch.config.Configuration;
import io.denywatch.config.ConfigurationOptions;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Evidence;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import io.denywatch.process.Spans;
import io.denywatch.process.Version;
import io.denywatch.top.AgentInquiry;
import io.denywatch.top.AgentReport;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists and changes the cluster's blocklist with the caller's credentials. */
@Command(
        name = BlocklistCommand.NAME,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Shows and changes the cluster's blocklist.")
public final class BlocklistCommand {
    /** The name of the command. */
    public static final String NAME = "blocklist";

    /** The shortest prefix of an IPv6 block that may be blocked. */
    private static final int IPV6_LENGTH_MIN = 64;

    private final ProcessContext world;

    public BlocklistCommand(ProcessContext world) {
        this.world = world;
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            description = "Lists the blocked sources: by which node or person, why and until when.")
    int list(@Mixin ConfigurationOptions configuration, @Mixin ClusterOptions cluster, @Mixin OutputOption output) {
        output.check();
        try (BlocklistAccess access = BlocklistAccess.open(world, configuration.configuration(world), cluster)) {
            List<BlocklistSet> sets = access.sets();
            Instant now = world.clock().instant();
            List<NeverBlock.Range> exempt = access.exemptSets().ranges();
            output.print(
                    world.out(),
                    () -> BlocklistText.list(sets, exempt, now),
                    () -> BlocklistText.listed(sets, exempt, now));
        }
        return 0;
    }

    @Command(
            name = "explain",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            description = {
                "Says whether an address is blocked, why or why not, and what happened to it, in chronological order."
            })
    int explain(
            @Parameters(paramLabel = "IP", description = "An address, or a block of them.") String address,
            @Option(
                            names = "--agent",
                            paramLabel = "URL",
                            description = "Also asks this agent what it knows about the address; may be repeated.")
                    @Nullable
                    List<String> urls,
            @Option(
                            names = "--log",
                            paramLabel = "FILE",
                            description = "Also reads this log, with its rotated files, for packets from the address;"
                                    + " may be repeated.")
                    @Nullable
                    List<Path> logs,
            @Mixin ConfigurationOptions options,
            @Mixin ClusterOptions cluster,
            @Mixin OutputOption output) {
        output.check();
        IpPrefix asked = prefix(address);
        Configuration configuration = options.configuration(world);
        try (AgentInquiry inquiry = new AgentInquiry(world, given(urls));
                BlocklistAccess access = BlocklistAccess.open(world, configuration, cluster)) {
            List<BlocklistSet> sets = access.sets();
            BlocklistAccess.KnownExemptions known = access.neverBlock();
            if (!known.problem().isEmpty()) {
                world.say("not all exempt addresses are known: " + known.problem());
            }
            AgentInquiry.Said said = inquiry.ask(asked);
            Optional<NeverBlock.Range> never = known.ranges().touching(asked);
            List<SourceLog.Findings> found = given(logs).stream()
                    .map(log -> readLog(configuration, log, asked, said.reports(), sets))
                    .toList();
            Instant now = world.clock().instant();
            Explanation explanation = new Explanation(asked, sets, never, said.reports(), said.silent(), found, now);
            output.print(
                    world.out(), () -> ExplanationText.of(explanation), () -> ExplanationText.document(explanation));
        }
        return 0;
    }

    /** The values of an option that may be repeated; null stands for none. */
    private static <T> List<T> given(@Nullable List<T> values) {
        return values == null ? List.of() : values;
    }

    /** What a log says, by the rules of the first agent that answered or else of the local configuration. */
    private SourceLog.Findings readLog(
            Configuration configuration, Path log, IpPrefix asked, List<AgentReport> agents, List<BlocklistSet> sets) {
        List<DetectionRule> rules = agents.isEmpty()
                ? configuration.blocklist().rules()
                : agents.getFirst().rules();
        List<Evidence> evidence = sets.stream()
                .flatMap(set -> set.entries().stream())
                .filter(entry -> asked.overlaps(entry.source()))
                .map(BlockEntry::evidence)
                .filter(each -> each.count() > 0)
                .toList();
        return SourceLog.read(world, configuration, log, asked, rules, evidence);
    }

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            description = "Blocks an address on all nodes, for a while.")
    int add(
            @Parameters(paramLabel = "CIDR", description = "An IPv4 address, or an IPv6 block of /64 or longer.")
                    String address,
            @Option(names = "--for", required = true, paramLabel = "SPAN", description = "For how long, as in 2h.")
                    String span,
            @Option(
                            names = "--reason",
                            required = true,
                            paramLabel = "TEXT",
                            description = "The reason, shown by list and explain.")
                    String reason,
            @Option(names = "--force", description = "Blocks the address even if it is exempt.") boolean force,
            @Mixin ConfigurationOptions configuration,
            @Mixin ClusterOptions cluster) {
        IpPrefix source = prefix(address);
        if (!source.isSingle() && (source.isIpv4() || source.length() < IPV6_LENGTH_MIN)) {
            throw CommandFailure.usage("CIDR: " + address
                    + " is not allowed; allowed: a single IPv4 address, or an IPv6 block of /64 or longer");
        }
        Duration duration = span("--for", span, Duration.ofSeconds(1));
        Instant now = world.clock().instant();
        try (BlocklistAccess access = BlocklistAccess.open(world, configuration.configuration(world), cluster)) {
            access.check();
            if (!force) {
                checkMayBeBlocked(source, access.neverBlock());
            }
            access.add(new ManualEntry(
                    source, now, now.plus(duration), reason, world.environment().getOrDefault("USER", "")));
        }
        world.say(source.compact() + " is blocked until " + now.plus(duration));
        return 0;
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            description = "Takes an address out of the blocklist of all nodes.")
    int remove(
            @Parameters(paramLabel = "CIDR", description = "An address, or a block of them.") String address,
            @Option(
                            names = "--allow-for",
                            paramLabel = "SPAN",
                            defaultValue = "5m",
                            description = "How long the agents may not block it again (default: ${DEFAULT-VALUE}).")
                    String span,
            @Mixin ConfigurationOptions configuration,
            @Mixin ClusterOptions cluster) {
        IpPrefix addresses = prefix(address);
        Duration duration = span("--allow-for", span, ManualBlocklist.SHORTEST_EXEMPTION);
        Instant until = world.clock().instant().plus(duration);
        try (BlocklistAccess access = BlocklistAccess.open(world, configuration.configuration(world), cluster)) {
            List<String> changed = access.remove(addresses, until);
            world.say(addresses.compact()
                    + (changed.isEmpty() ? " was not blocked" : " is taken out of " + String.join(", ", changed))
                    + "; agents may block it again after " + until);
        }
        return 0;
    }

    private static IpPrefix prefix(String text) {
        try {
            return IpPrefix.parse(text);
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(e.getMessage() + "; allowed: an IP address or a CIDR such as 192.0.2.0/24");
        }
    }

    private void checkMayBeBlocked(IpPrefix source, BlocklistAccess.KnownExemptions known) {
        String forced = "; --force blocks it all the same";
        known.ranges().touching(source).ifPresent(range -> {
            throw CommandFailure.failed(source.compact() + " is never to be blocked: " + range.addresses() + " ("
                    + range.reason() + ")" + forced);
        });
        if (!known.complete()) {
            throw CommandFailure.failed(
                    "it is not known whether the cluster uses " + source.compact() + ": " + known.problem() + forced);
        }
        if (!known.problem().isEmpty()) {
            world.say("not all exempt addresses are known: " + known.problem());
        }
    }

    private static Duration span(String option, String text, Duration shortest) {
        return Spans.parse(text)
                .filter(span -> span.compareTo(shortest) >= 0 && span.compareTo(ManualBlocklist.LONGEST) <= 0)
                .orElseThrow(() ->
                        CommandFailure.usage(option + ": \"" + text + "\" is not allowed; allowed: " + Spans.ALLOWED
                                + ", from " + Spans.text(shortest) + " to " + Spans.text(ManualBlocklist.LONGEST)));
    }
}
