package io.denywatch.command;

import io.denywatch.blocklist.Backtest;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JsonGenerator;

/** Whole log files to totals. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Counts whole log files at full speed, and tells whom the blocklist's rules would have blocked. Every"
                        + " destination is taken for a load balancer unless the configuration names some.")
final class ReplayCommand implements Callable<Integer> {
    private final World world;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Log files, plain or gzip, the oldest first.")
    private List<Path> files = List.of();

    @Mixin
    private OutputOption output = new OutputOption();

    ReplayCommand(World world) {
        this.world = world;
    }

    @Override
    public Integer call() {
        output.check();
        long start = world.nowMicros();
        Replay replay = new Replay(options.configuration(world), start);
        long totalBytes = files.stream().mapToLong(LogInput::size).sum();
        try (ProgressBar progress = new ProgressBar(world, totalBytes)) {
            for (Path file : files) {
                replay.read(file, progress);
            }
        }
        print(replay.report((world.nowMicros() - start) / 1_000), replay.backtest());
        return 0;
    }

    private void print(TrafficReport report, Backtest.Result backtest) {
        if (!output.isJson()) {
            PrintWriter out = new PrintWriter(new OutputStreamWriter(world.out(), StandardCharsets.UTF_8));
            out.print(TrafficText.of(report));
            out.print(BacktestText.of(backtest));
            out.flush();
            return;
        }
        try (JsonGenerator json = JsonLines.to(world.out())) {
            report.write(json, true, more -> BacktestText.write(more, backtest));
            json.writeRaw('\n');
        }
    }
}
