package io.denywatch.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The rule for rsyslog that the chart recommends for blocking, in a real rsyslogd. */
class RsyslogRuleTest {
    private static final Path RULE = Chart.DIRECTORY.resolve("files/rsyslog/30-denywatch.conf");
    private static final Path RSYSLOGD = Path.of("/usr/sbin/rsyslogd");
    private static final Path KMSG = Path.of("/dev/kmsg");
    private static final Duration HANG = Duration.ofMinutes(2);

    @TempDir
    private Path directory = Path.of("");

    private static void run(Path at, String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .directory(at.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertTrue(process.waitFor(HANG.toSeconds(), TimeUnit.SECONDS), "hangs");
        assertEquals(0, process.exitValue(), said);
    }

    private static void await(Path file, String text) throws IOException {
        long deadline = System.nanoTime() + HANG.toNanos();
        while (!Files.exists(file) || !Files.readString(file).contains(text)) {
            assertTrue(System.nanoTime() - deadline < 0, file + " lacks " + text);
            LockSupport.parkNanos(10_000_000);
        }
    }

    private static void fromTheKernel(String line) throws IOException {
        try (FileChannel kmsg = FileChannel.open(KMSG, StandardOpenOption.WRITE)) {
            kmsg.write(StandardCharsets.UTF_8.encode("<4>" + line));
        }
    }

    /** Again and again: another process that reads the kernel's log takes what it reads away. */
    private static void awaitFromTheKernel(String line, Path file) throws IOException {
        long deadline = System.nanoTime() + HANG.toNanos();
        while (!Files.exists(file) || !Files.readString(file).contains(line)) {
            assertTrue(System.nanoTime() - deadline < 0, file + " lacks " + line);
            fromTheKernel(line);
            LockSupport.parkNanos(100_000_000);
        }
    }

    @Test
    void takesTheKernelsLinesAndNoneThatAProgramWrote() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(RSYSLOGD) && Files.isWritable(KMSG), "takes rsyslogd and the kernel's log");
        Path folder = directory.resolve("denywatch");
        Path denied = folder.resolve("denied.log");
        Path all = directory.resolve("syslog");
        Path socket = directory.resolve("log.sock");
        Path rule = Files.writeString(
                directory.resolve("rule.conf"),
                Files.readString(RULE).replace("/var/log/denywatch", folder.toString()));
        // What is written to the kernel's log from outside is not of its facility.
        Path main = Files.writeString(directory.resolve("main.conf"), """
                global(workDirectory="%1$s")
                module(load="imuxsock" SysSock.Use="off")
                input(type="imuxsock" Socket="%2$s" CreatePath="on")
                module(load="imklog" permitNonKernelFacility="on")
                include(file="%3$s")
                *.* action(type="omfile" file="%4$s" template="RSYSLOG_FileFormat")
                """.formatted(directory, socket, rule, all));
        run(directory, RSYSLOGD.toString(), "-N1", "-f", main.toString());
        String id = "id-" + System.nanoTime();
        Process rsyslogd = new ProcessBuilder(
                        RSYSLOGD.toString(),
                        "-n",
                        "-f",
                        main.toString(),
                        "-i",
                        directory.resolve("pid").toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("out").toFile())
                .start();
        try {
            awaitFromTheKernel("calico-packet: " + id + " first", denied);
            String forged = "calico-packet: " + id + " forged";
            for (List<String> options : List.of(
                    List.of("-t", "kernel"),
                    List.of("-t", "kernel:"),
                    List.of("-t", "kernel", "-p", "kern.warning"),
                    List.of("-t", "kernel", "--rfc3164"),
                    List.of("-t", "imklog"))) {
                List<String> command = new ArrayList<>(List.of("/usr/bin/logger", "-u", socket.toString()));
                command.addAll(options);
                command.add(forged);
                run(directory, command.toArray(String[]::new));
            }
            await(all, forged);
            fromTheKernel("usb 1-1: " + id + " of somebody else");
            awaitFromTheKernel("calico-packet: " + id + " last", denied);
        } finally {
            rsyslogd.destroy();
            assertTrue(rsyslogd.waitFor(HANG.toSeconds(), TimeUnit.SECONDS), "does not end");
        }

        List<String> lines = Files.readAllLines(denied).stream()
                .filter(line -> line.contains(id))
                .map(line -> line.substring(line.indexOf(id)))
                .distinct()
                .toList();
        assertEquals(List.of(id + " first", id + " last"), lines);
        assertEquals(
                5,
                Files.readAllLines(all).stream()
                        .filter(line -> line.contains(id + " forged"))
                        .count());
    }

    @Test
    void rotationIsOneThatLogrotateTakes() throws IOException, InterruptedException {
        Path logrotate = Path.of("/usr/sbin/logrotate");
        assumeTrue(Files.isExecutable(logrotate), "takes logrotate");
        Path snippet = Files.copy(
                Chart.DIRECTORY.resolve("files/rsyslog/logrotate.d-denywatch"), directory.resolve("denywatch"));
        run(directory, "/bin/chmod", "644", snippet.toString());

        run(
                directory,
                logrotate.toString(),
                "--debug",
                "--state",
                directory.resolve("state").toString(),
                snippet.toString());
    }
}
