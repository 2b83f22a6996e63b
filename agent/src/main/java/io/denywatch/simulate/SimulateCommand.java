package io.denywatch.simulate;

import io.denywatch.api.ApiJson;
import io.denywatch.api.TrafficDocument;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import io.denywatch.process.Version;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * The {@code simulate} command: writes syslog lines for demos, dashboards and load tests, and reports what it wrote.
 */
@Command(
        name = SimulateCommand.NAME,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = {
            "Appends realistic syslog lines of denied packets to a file. At the end (or on Ctrl-C), prints what it"
                    + " wrote as one JSON object.",
            "For each load balancer, the object lists the first 20 sources and ports: most packets first, then the lowest"
                    + " address, or protocol and port."
        })
public final class SimulateCommand implements Callable<Integer> {
    public static final String NAME = "simulate";

    private static final int STAMP_LINES = 64;
    private static final long BATCH_NANOS = 10_000_000;
    private static final double MICROS = 1e6;
    private static final long RATE_MAX = 100_000_000;
    private static final long ROTATE_BYTES_MIN = 4_096;

    private final ProcessContext world;

    @Option(names = "--output", required = true, paramLabel = "FILE", description = "File to append to.")
    private Path output = Path.of("");

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Lines per second, 1 to 100000000 (default: as fast as possible).")
    private @Nullable Long rate;

    @Option(names = "--packets", paramLabel = "N", description = "Stop after N packets, 1 or more (default: never).")
    private @Nullable Long packets;

    @Option(
            names = "--sources",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Number of distinct sources, 1 to 16777216 (default: ${DEFAULT-VALUE}).")
    private int sources;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "1",
            description = "The same seed gives the same packets (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--scenario",
            paramLabel = "NAME",
            defaultValue = "background",
            description = "background, scan, flood, botnet or spoofed (default: ${DEFAULT-VALUE}).")
    private String scenario = "";

    @Option(
            names = "--rotate-bytes",
            paramLabel = "N",
            description = "Rename FILE to FILE.1 and so on, as logrotate does, when it exceeds N bytes (4096 or more);"
                    + " four rotated files are kept.")
    private @Nullable Long rotateBytes;

    public SimulateCommand(ProcessContext world) {
        this.world = world;
    }

    @Override
    public Integer call() {
        TrafficGenerator traffic =
                new TrafficGenerator(checkedScenario(), (int) within("--sources", sources, SourceAddresses.MAX), seed);
        long packetsMax = packets == null ? Long.MAX_VALUE : within("--packets", packets, Long.MAX_VALUE);
        long linesPerSecond = rate == null ? 0 : within("--rate", rate, RATE_MAX);
        if (rotateBytes != null && rotateBytes < ROTATE_BYTES_MIN) {
            throw CommandFailure.usage(
                    "--rotate-bytes: " + rotateBytes + " is not allowed; allowed: " + ROTATE_BYTES_MIN + " or more");
        }
        long start = world.nowMicros();
        try (SimulatedLog log = new SimulatedLog(output, rotateBytes == null ? Long.MAX_VALUE : rotateBytes)) {
            if (log.bytes() > 0) {
                world.say("denywatch simulate: " + output + " holds " + log.bytes() + " bytes already; appending");
            }
            write(traffic, log, packetsMax, linesPerSecond, start);
        } catch (IOException e) {
            throw CommandFailure.failed("--output: " + output + " " + problem(output, e));
        }
        TrafficDocument report =
                traffic.truth().report((world.nowMicros() - start) / 1_000, seed, scenario.toLowerCase(Locale.ROOT));
        ApiJson.writeLine(report, world.out());
        return 0;
    }

    private void write(TrafficGenerator traffic, SimulatedLog log, long packetsMax, long linesPerSecond, long start)
            throws IOException {
        GroundTruth truth = traffic.truth();
        long lines = 0;
        while (!world.stop().requested() && truth.packets() < packetsMax) {
            long now = world.nowMicros();
            long due = linesPerSecond == 0 ? STAMP_LINES : (long) ((now - start) / MICROS * linesPerSecond) - lines;
            if (due <= 0) {
                log.flush();
                world.stop().pause(BATCH_NANOS);
                continue;
            }
            for (int i = 0; i < Math.min(due, STAMP_LINES) && truth.packets() < packetsMax; i++) {
                traffic.line(log.line(), packetsMax - truth.packets(), now);
                log.endLine();
                lines++;
            }
        }
    }

    private Scenario checkedScenario() {
        try {
            return Scenario.valueOf(scenario.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage("--scenario: \"" + scenario
                    + "\" is not allowed; allowed: background, scan, flood, botnet, spoofed");
        }
    }

    private static long within(String option, long value, long max) {
        if (value < 1 || value > max) {
            throw CommandFailure.usage(option + ": " + value + " is not allowed; allowed: 1 to " + max);
        }
        return value;
    }

    private static String problem(Path path, IOException failure) {
        Path parent = path.toAbsolutePath().getParent();
        if (Files.isDirectory(path)) {
            return "is a directory; allowed: a file";
        }
        if (failure instanceof NoSuchFileException && parent != null && !Files.isDirectory(parent)) {
            return "cannot be created: " + parent + " is not an existing directory";
        }
        if (failure instanceof AccessDeniedException) {
            return "may not be written";
        }
        return "cannot be written: " + failure.getMessage();
    }
}
