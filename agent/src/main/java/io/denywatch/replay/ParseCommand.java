package io.denywatch.replay;

import io.denywatch.api.ApiJson;
import io.denywatch.config.ConfigurationReader;
import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.LineHead;
import io.denywatch.packet.LineKind;
import io.denywatch.packet.Misunderstanding;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.SyslogTime;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.LogInput;
import io.denywatch.process.ProcessContext;
import io.denywatch.process.Version;
import io.denywatch.tail.LineFramer;
import io.denywatch.tail.LineHandler;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JsonGenerator;

/** The {@code parse} command: prints log lines as JSON. */
@Command(
        name = ParseCommand.NAME,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Prints each packet line of the files as a JSON object, and a summary to standard error.")
public final class ParseCommand implements Callable<Integer> {
    public static final String NAME = "parse";

    private static final String STANDARD_INPUT = "-";
    private static final int OUTPUT_BYTES = 64 * 1024;

    private final ProcessContext world;

    @Parameters(
            paramLabel = "FILE",
            arity = "0..*",
            defaultValue = STANDARD_INPUT,
            description = "Log files, plain or gzip; - is standard input (default).")
    private List<String> files = List.of();

    @Option(names = "--any-prefix", description = "Accept the lines of any netfilter LOG rule, not only Calico's.")
    private boolean anyPrefix;

    @Option(
            names = "--malformed",
            description = "Also print malformed lines, and unrecognized lines that have a prefix, with the reason.")
    private boolean malformed;

    @Option(
            names = "--timezone",
            paramLabel = "ZONE",
            description = "Zone of time stamps without one (default: the system's).")
    private @Nullable String zone;

    public ParseCommand(ProcessContext world) {
        this.world = world;
    }

    @Override
    public Integer call() {
        SyslogTime time = new SyslogTime(zone(zone));
        List<String> prefixes = ConfigurationReader.defaultPrefixes();
        PacketLogParser parser =
                anyPrefix ? PacketLogParser.anyPrefix(time) : PacketLogParser.withPrefixes(prefixes, time);
        ParseTally tally = new ParseTally();
        boolean failed = false;
        try (JsonGenerator json = ApiJson.lines(new BufferedOutputStream(world.out(), OUTPUT_BYTES))) {
            LinePrinter lines = new LinePrinter(parser, tally, json);
            for (String file : files) {
                try {
                    parse(file, time, lines);
                } catch (CommandFailure e) {
                    world.say("denywatch parse: " + e.line());
                    failed = true;
                }
            }
        }
        world.say(tally.summary());
        tally.misunderstandings(anyPrefix).forEach(line -> world.say("denywatch parse: " + line));
        return failed ? CommandFailure.FAILED : 0;
    }

    private void parse(String file, SyslogTime time, LinePrinter lines) {
        if (file.equals(STANDARD_INPUT)) {
            time.reference(world.nowMicros());
            try {
                lines.read(LogInput.decoded(world.in()));
            } catch (IOException e) {
                throw LogInput.failure(Path.of("standard input"), e);
            }
            return;
        }
        try (LogInput input = LogInput.open(Path.of(file))) {
            time.reference(LogInput.modifiedMicros(input.path()));
            lines.read(input.lines());
        } catch (IOException e) {
            throw LogInput.failure(Path.of(file), e);
        }
    }

    private static ZoneId zone(@Nullable String zone) {
        try {
            return zone == null ? ZoneId.systemDefault() : ZoneId.of(zone);
        } catch (DateTimeException e) {
            throw CommandFailure.usage("--timezone: \"" + zone
                    + "\" is not allowed; allowed: a zone such as UTC, +02:00 or Europe/Berlin");
        }
    }

    /** Parses lines and prints them. */
    private final class LinePrinter {
        private final PacketLogParser parser;
        private final ParseTally tally;
        private final JsonGenerator json;
        private final PacketJson printed;
        private final DeniedPacket packet = new DeniedPacket();
        private final LineHead head = new LineHead(ConfigurationReader.defaultPrefixes());

        LinePrinter(PacketLogParser parser, ParseTally tally, JsonGenerator json) {
            this.parser = parser;
            this.tally = tally;
            this.json = json;
            printed = new PacketJson(json);
        }

        void read(InputStream in) throws IOException {
            LineFramer framer = new LineFramer();
            LineHandler handler = (buffer, offset, length) -> line(buffer, offset, length, framer.offset());
            try {
                while (!world.stop().requested() && framer.fill(in) >= 0) {
                    framer.drain(handler);
                    if (in.available() == 0) {
                        json.flush(); // so that the reader of a pipe sees all output so far
                    }
                }
                framer.finish(handler);
            } finally {
                tally.addOversized(framer.counts().oversizedLines());
            }
        }

        private void line(byte[] buffer, int offset, int length, long lineAt) {
            LineKind kind = parser.parse(buffer, offset, length, packet);
            tally.add(kind, packet);
            if (kind == LineKind.PACKET || kind.isResponse()) {
                printed.packet(buffer, kind, packet);
            } else if (kind == LineKind.MALFORMED && malformed) {
                printed.malformed(buffer, offset, length, lineAt, packet);
            } else if (kind == LineKind.UNRECOGNIZED) {
                head.read(buffer, offset, length);
                Misunderstanding reason = head.misunderstanding();
                tally.misunderstood(reason);
                if (malformed) {
                    printed.unrecognized(buffer, offset, length, lineAt, reason);
                }
            }
        }
    }
}
