package io.denywatch.replay;

import io.denywatch.api.OutputOption;
import io.denywatch.api.TrafficDocument;
import io.denywatch.config.Configuration;
import io.denywatch.config.ConfigurationOptions;
import io.denywatch.count.Count;
import io.denywatch.detection.DetectionRule;
import io.denywatch.process.LogInput;
import io.denywatch.process.ProcessContext;
import io.denywatch.process.Version;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
        Replay replay = new Replay(configuration, start);
        long totalBytes = files.stream().mapToLong(LogInput::size).reduce(0, Count::sum);
        try (ProgressBar progress = new ProgressBar(world, totalBytes)) {
            replay.read(files, progress);
        }
        TrafficDocument report = replay.report((world.nowMicros() - start) / 1_000);
        Backtest.Result backtest = replay.backtest();
        output.print(world.out(), () -> TrafficText.of(report) + BacktestText.of(backtest), () -> report);
        return 0;
    }
}
