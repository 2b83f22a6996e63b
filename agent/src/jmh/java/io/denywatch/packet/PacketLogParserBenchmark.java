package io.denywatch.packet;

import io.denywatch.ip.Ip;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What one line costs the parser, beside a regular expression that takes four of its fields. Lines differ in all their
 * numbers, so that branches cannot be learned by heart; what is read of them must be what the expression reads. Run with {@code -prof gc} to see the bytes allocated per line.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(
        value = 1,
        jvmArgsAppend = {"-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders"})
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class PacketLogParserBenchmark {
    private static final int LINES = 10_000;
    private static final Pattern FIELDS =
            Pattern.compile("calico-packet: IN=.* SRC=(\\S+) DST=(\\S+) LEN=(\\d+) .*PROTO=(\\w+)");

    /** Which lines. */
    @Param({"rfc3339-tcp", "bsd-tcp", "ipv6", "unrelated"})
    public String lines = "";

    private final DeniedPacket packet = new DeniedPacket();
    private PacketLogParser parser = PacketLogParser.anyPrefix(new SyslogTime(ZoneOffset.UTC));
    private byte[] text = new byte[0];
    private final int[] offsets = new int[LINES + 1];
    private long expectedSum;

    /** Makes the lines, and checks that they are what they should be. */
    @Setup
    public void makeLines() {
        SyslogTime time = new SyslogTime(ZoneOffset.UTC);
        time.reference(1_772_359_200_000_000L);
        parser = PacketLogParser.withPrefixes(List.of("calico-packet", "calico-drop"), time);
        Random random = new Random(7);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (int i = 0; i < LINES; i++) {
            all.writeBytes((line(i, random) + "\n").getBytes(StandardCharsets.US_ASCII));
            offsets[i + 1] = all.size();
        }
        text = all.toByteArray();
        LineKind expected = lines.equals("unrelated") ? LineKind.OTHER : LineKind.PACKET;
        expectedSum = 0;
        for (int i = 0; i < LINES; i++) {
            if (parse(i) != expected) {
                throw new IllegalStateException("line " + i + " is " + parse(i));
            }
            Matcher fields = FIELDS.matcher(text(i));
            if (fields.find()) {
                expectedSum += Integer.parseInt(fields.group(3))
                        + Ip.parse(fields.group(1)).low();
            }
        }
    }

    private String line(int i, Random random) {
        String tcp = "LEN=%d TOS=0x00 PREC=0x00 TTL=%d ID=%d DF PROTO=TCP SPT=%d DPT=%d WINDOW=%d RES=0x00 SYN URGP=0 "
                .formatted(
                        40 + random.nextInt(30),
                        30 + random.nextInt(226),
                        random.nextInt(65_536),
                        random.nextInt(65_536),
                        random.nextInt(65_536),
                        random.nextInt(65_536));
        String mac = "IN=eth1 OUT= MAC=06:0e:1a:36:33:f5:1e:0a:36:33:f5:09:08:00 ";
        String addresses = "SRC=%d.%d.%d.%d DST=169.%d.80.%d "
                .formatted(
                        random.nextInt(256),
                        random.nextInt(256),
                        random.nextInt(256),
                        random.nextInt(256),
                        random.nextInt(256),
                        random.nextInt(256));
        String stamp = "2026-03-01T10:%02d:%02d.%06d+00:00 worker-1 "
                .formatted(i / 6_000, i / 100 % 60, random.nextInt(1_000_000));
        return switch (lines) {
            case "rfc3339-tcp" -> stamp + "kernel: calico-packet: " + mac + addresses + tcp;
            case "bsd-tcp" ->
                "Mar  1 10:%02d:%02d worker-1 kernel: [%5d.%06d] calico-packet: "
                                .formatted(i / 6_000, i / 100 % 60, i, random.nextInt(1_000_000))
                        + mac
                        + addresses
                        + tcp;
            case "ipv6" ->
                stamp + "kernel: calico-packet: " + mac
                        + String.format(
                                Locale.ROOT,
                                "SRC=2001:0db8:%04x:%04x:0000:0000:0000:%04x DST=2001:0db8:0000:0000:0000:0000:0000:0001 "
                                        + "LEN=80 TC=0 HOPLIMIT=%d FLOWLBL=%d PROTO=TCP SPT=%d DPT=443 WINDOW=64800 RES=0x00 SYN URGP=0 ",
                                random.nextInt(65_536),
                                random.nextInt(65_536),
                                random.nextInt(65_536),
                                30 + random.nextInt(226),
                                random.nextInt(1 << 20),
                                random.nextInt(65_536));
            default ->
                stamp
                        + "systemd[1]: Started Session %d of user root; unit run-%d.scope: Deactivated successfully."
                                .formatted(random.nextInt(100_000), random.nextInt(100_000));
        };
    }

    private String text(int i) {
        return new String(text, offsets[i], offsets[i + 1] - offsets[i] - 1, StandardCharsets.US_ASCII);
    }

    private LineKind parse(int i) {
        return parser.parse(text, offsets[i], offsets[i + 1] - offsets[i] - 1, packet);
    }

    /** The parser. */
    @Benchmark
    @OperationsPerInvocation(LINES)
    public long parser() {
        long sum = 0;
        for (int i = 0; i < LINES; i++) {
            if (parse(i) == LineKind.PACKET) {
                sum += packet.outer().length() + packet.outer().sourceLow();
            }
        }
        if (sum != expectedSum) {
            throw new IllegalStateException("lengths and sources add up to " + sum + ", not " + expectedSum);
        }
        return sum;
    }

    /** A regular expression on a string, for comparison. */
    @Benchmark
    @OperationsPerInvocation(LINES)
    public long regularExpression() {
        long sum = 0;
        for (int i = 0; i < LINES; i++) {
            Matcher fields = FIELDS.matcher(text(i));
            sum += fields.find() ? fields.group(1).length() : 0;
        }
        return sum;
    }
}
