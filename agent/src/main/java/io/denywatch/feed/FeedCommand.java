package io.denywatch.feed;

import io.denywatch.api.FeedsDocument;
import io.denywatch.api.OutputOption;
import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.blocklist.NodeRanges;
import io.denywatch.blocklist.StoreException;
import io.denywatch.cluster.sets.FeedStatus;
import io.denywatch.cluster.sets.FeedStore;
import io.denywatch.cluster.sets.FeedStore.StoredFeed;
import io.denywatch.config.ClusterOptions;
import io.denywatch.config.Configuration;
import io.denywatch.config.ConfigurationOptions;
import io.denywatch.explain.BlocklistAccess;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.Columns;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import io.denywatch.process.Spans;
import io.denywatch.process.Version;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Imports lists of addresses into the cluster's blocklist, with the caller's credentials. */
@Command(
        name = FeedCommand.NAME,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Imports lists of addresses into the cluster's blocklist.")
public final class FeedCommand {
    /** The name of the command. */
    public static final String NAME = "feed";

    private final ProcessContext world;

    public FeedCommand(ProcessContext world) {
        this.world = world;
    }

    @Command(
            name = "sync",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            description = {
                "Replaces a feed by the present list. Exempt addresses are left out.",
                "A list that is empty, damaged, too wide or of an unlikely size is rejected, and the last one stays."
            })
    int sync(
            @Parameters(paramLabel = "NAME", description = "The feed: " + FeedStore.NAMES_ALLOWED + ".") String name,
            @Mixin SyncOptions options,
            @Mixin ConfigurationOptions configuration,
            @Mixin ClusterOptions cluster) {
        checkName(name);
        AcceptanceRules rules = options.rules();
        FeedInput source = options.source(world);
        Configuration settings = configuration.configuration(world);
        try (BlocklistAccess access = BlocklistAccess.open(world, settings, cluster)) {
            access.check();
            FeedStore store = access.feeds();
            NeverBlock exempt = exempt(access, store, settings);
            FeedSync.Fetched fetched = FeedSync.fetch(source, options.jsonField(), rules);
            FeedSync.Outcome outcome = attempt(() ->
                    new FeedSync(store, rules, exempt, world.clock().instant(), options.isDryRun()).run(name, fetched));
            report(name, fetched, outcome, options.isDryRun());
        }
        return 0;
    }

    /** All exempt ranges; the command ends if some are not known. */
    private NeverBlock exempt(BlocklistAccess access, FeedStore store, Configuration settings) {
        BlocklistAccess.KnownExemptions known = access.neverBlock();
        if (!known.complete() || !known.problem().isEmpty()) {
            throw CommandFailure.failed("the feed is not synced, because not all exempt addresses are known: "
                    + (known.problem().isEmpty() ? "no answer" : known.problem()));
        }
        List<Range> ranges = new ArrayList<>(known.ranges().ranges());
        ranges.addAll(
                NodeRanges.read(Path.of("/"), settings.blocklist().exempt().resolvConf()));
        attempt(() -> store.exemptions(world.clock().instant()))
                .forEach(exemption -> ranges.add(new Range(exemption.addresses(), "exempted by hand")));
        return new NeverBlock(ranges);
    }

    private void report(String name, FeedSync.Fetched fetched, FeedSync.Outcome outcome, boolean dryRun) {
        if (dryRun) {
            StringBuilder text = new StringBuilder();
            for (ShardPlan.Step step : outcome.steps()) {
                String set = FeedStore.setName(name, step.shard());
                text.append(
                        step.isDeletion()
                                ? String.format(Locale.ROOT, "would delete %s%n", set)
                                : String.format(
                                        Locale.ROOT,
                                        "would write %s with %,d nets%n",
                                        set,
                                        step.nets().size()));
            }
            print(text.toString());
        }
        if (outcome.rejection().isPresent()) {
            throw CommandFailure.failed(String.format(
                    Locale.ROOT,
                    "%s is rejected, and the last accepted list stays (%,d nets): %s",
                    name,
                    outcome.nets(),
                    outcome.rejection().get()));
        }
        world.say(String.format(
                Locale.ROOT,
                "%s %s %,d nets from %s (%,d added, %,d removed); %,d nets of the list are exempt, at least in part",
                name,
                dryRun ? "would have" : "has",
                outcome.nets(),
                fetched.source(),
                outcome.added(),
                outcome.removed(),
                outcome.exempted()));
    }

    private void print(String text) {
        try {
            world.out().write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw CommandFailure.failed("standard output: " + e.getMessage());
        }
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            description = "Lists the feeds: their size and age, where they come from, and the last rejection.")
    int list(@Mixin ConfigurationOptions configuration, @Mixin ClusterOptions cluster, @Mixin OutputOption output) {
        output.check();
        try (BlocklistAccess access = BlocklistAccess.open(world, configuration.configuration(world), cluster)) {
            List<StoredFeed> feeds = attempt(access.feeds()::list);
            Instant now = world.clock().instant();
            output.print(
                    world.out(),
                    () -> text(feeds, now),
                    () -> new FeedsDocument(
                            feeds.stream().map(FeedCommand::document).toList()));
        }
        return 0;
    }

    private static String text(List<StoredFeed> feeds, Instant now) {
        if (feeds.isEmpty()) {
            return "no feed was imported\n";
        }
        List<List<String>> rows = feeds.stream()
                .map(feed -> List.of(
                        feed.name(),
                        Integer.toString(feed.nets().size()),
                        feed.status()
                                .synced()
                                .map(at -> Spans.rounded(Duration.between(at, now)) + " ago")
                                .orElse("never"),
                        feed.status().source(),
                        feed.status()
                                .rejection()
                                .map(FeedStatus.Rejection::reason)
                                .orElse("")))
                .toList();
        return Columns.of(List.of("FEED", "NETS", "SYNCED", "SOURCE", "LAST ATTEMPT REJECTED"), rows);
    }

    private static FeedsDocument.Feed document(StoredFeed feed) {
        FeedStatus status = feed.status();
        return new FeedsDocument.Feed(
                feed.name(),
                feed.nets().size(),
                feed.sets(),
                status.synced().orElse(null),
                status.source(),
                status.sha256(),
                status.rejection().map(FeedStatus.Rejection::at).orElse(null),
                status.rejection().map(FeedStatus.Rejection::reason).orElse(null));
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            versionProvider = Version.class,
            description = "Removes a feed and unblocks its addresses.")
    int remove(
            @Parameters(paramLabel = "NAME", description = "The feed.") String name,
            @Mixin ConfigurationOptions configuration,
            @Mixin ClusterOptions cluster) {
        checkName(name);
        try (BlocklistAccess access = BlocklistAccess.open(world, configuration.configuration(world), cluster)) {
            FeedStore store = access.feeds();
            StoredFeed feed = attempt(() -> store.read(name));
            if (feed.shards().isEmpty()) {
                throw CommandFailure.failed("there is no feed " + name + "; see denywatch feed list");
            }
            for (int shard : feed.shards().keySet()) {
                attempt(() -> {
                    store.delete(name, shard);
                    return name;
                });
            }
            List<IpPrefix> nets = feed.nets();
            world.say(String.format(Locale.ROOT, "%s is removed, with its %,d nets", name, nets.size()));
        }
        return 0;
    }

    private static void checkName(String name) {
        if (!FeedStore.isName(name)) {
            throw CommandFailure.usage("NAME: \"" + name + "\" is not allowed; allowed: " + FeedStore.NAMES_ALLOWED);
        }
    }

    private interface ApiCall<T> {
        T send() throws StoreException;
    }

    private static <T> T attempt(ApiCall<T> request) {
        try {
            return request.send();
        } catch (StoreException e) {
            throw CommandFailure.failed(String.valueOf(e.getMessage()));
        }
    }
}
