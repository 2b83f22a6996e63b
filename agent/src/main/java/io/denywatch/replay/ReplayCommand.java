package io.denywatch.replay;

import io.denywatch.api.OutputOption;
import io.denywatch.api.TrafficDocument;
import io.denywatch.config.Configuration;
import io.denywatch.config.ConfigurationOptions;
import io.denywatch.count.Count;
import io.denywatch.detection.DetectionRule;
import io.denywatch.feed.FeedFile;
import io.denywatch.feed.NetSet;
import io.denywatch.process.LogInput;
import io.denywatch.process.ProcessContext;
import io.denywatch.process.Version;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The {@code replay} command: counts whole log files. */
@Command(
        name = ReplayCommand.NAME,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Counts whole log files at full speed, and reports which sources the rules would have blocked. Every"
                        + " destination counts as a load balancer unless the configuration names load balancers.")
public final class ReplayCommand implements Callable<Integer> {
    public static final String NAME = "replay";

    private final ProcessContext world;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Log files, plain or gzip, oldest first.")
    private List<Path> files = List.of();

    @Option(
            names = "--feed",
            paramLabel = "FILE",
            description = "Also reports which sources are in this list of addresses, and which of them were let in.")
    private @Nullable Path feed;

    @Option(
            names = "--json-field",
            paramLabel = "NAME",
            description = "Reads the list as JSON and takes the texts in fields of this name.")
    private @Nullable String jsonField;

    @Mixin
    private OutputOption output = new OutputOption();

    public ReplayCommand(ProcessContext world) {
        this.world = world;
    }

    @Override
    public Integer call() {
        output.check();
        long start = world.nowMicros();
        Configuration configuration = options.configuration(world);
        configuration.blocklist().rules().stream()
                .filter(DetectionRule::isOfCluster)
                .forEach(rule -> world.say("denywatch: rule " + rule.name()
                        + " is not tried: it has scope cluster, and only running agents add up what nodes denied"));
        Replay replay = new Replay(configuration, start, nets());
        long totalBytes = files.stream().mapToLong(LogInput::size).reduce(0, Count::sum);
        try (ProgressBar progress = new ProgressBar(world, totalBytes)) {
            replay.read(files, progress);
        }
        TrafficDocument report = replay.report((world.nowMicros() - start) / 1_000);
        Backtest.Result backtest = replay.backtest();
        output.print(world.out(), () -> text(report, backtest), () -> report);
        return 0;
    }

    private static String text(TrafficDocument report, Backtest.Result backtest) {
        String matches = report.feed() == null ? "" : FeedMatches.text(report.feed());
        return TrafficText.of(report) + BacktestText.of(backtest) + matches;
    }

    private Optional<NetSet> nets() {
        return feed == null
                ? Optional.empty()
                : Optional.of(FeedFile.read(world, feed, Optional.ofNullable(jsonField)));
    }
}
