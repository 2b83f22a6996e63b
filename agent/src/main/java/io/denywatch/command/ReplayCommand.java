package io.denywatch.command;

import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JsonGenerator;

/** Whole log files to totals. */
@Command(
        name = "replay",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Counts whole log files at full speed. Every destination is taken for a load balancer unless the"
                + " configuration names some.")
final class ReplayCommand implements Callable<Integer> {
    private static final String JSON = "json";
    private static final String TEXT = "text";

    private final World world;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Parameters(paramLabel = "FILE", arity = "1..*", description = "Log files, plain or gzip, the oldest first.")
    private List<Path> files = List.of();

    @Option(
            names = "--output",
            paramLabel = "FORM",
            defaultValue = TEXT,
            description = "text or json (default: ${DEFAULT-VALUE}).")
    private String output = TEXT;

    ReplayCommand(World world) {
        this.world = world;
    }

    @Override
    public Integer call() {
        if (!output.equals(TEXT) && !output.equals(JSON)) {
            throw CommandFailure.usage("--output: \"" + output + "\" is not allowed; allowed: text, json");
        }
        long start = world.nowMicros();
        Replay replay = new Replay(options.configuration(world), start);
        long totalBytes = files.stream().mapToLong(LogInput::size).sum();
        try (ProgressBar progress = new ProgressBar(world, totalBytes)) {
            for (Path file : files) {
                replay.read(file, progress);
            }
        }
        print(replay.report((world.nowMicros() - start) / 1_000));
        return 0;
    }

    private void print(TrafficReport report) {
        if (output.equals(TEXT)) {
            PrintWriter out = new PrintWriter(new OutputStreamWriter(world.out(), StandardCharsets.UTF_8));
            out.print(TrafficText.of(report));
            out.flush();
            return;
        }
        try (JsonGenerator json = JsonLines.to(world.out())) {
            report.write(json, true, more -> {
                more.writeArrayPropertyStart("promotions");
                more.writeEndArray();
            });
            json.writeRaw('\n');
        }
    }
}
