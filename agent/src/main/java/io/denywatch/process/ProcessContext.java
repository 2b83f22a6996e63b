package io.denywatch.process;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;

/**
 * The parts of the process that a command may use, so that tests can replace them.
 *
 * @param in standard input
 * @param out standard output, unbuffered; fails with {@link StandardOutput.WriteFailed}
 * @param err standard error
 * @param terminal whether standard error is a terminal
 * @param clock the wall clock
 * @param environment the environment's variables
 * @param hostName of this machine
 * @param stop the request to end
 * @param patience time limit of a network request; longer in tests, where only a request that hangs may exceed it
 */
public record ProcessContext(
        InputStream in,
        OutputStream out,
        PrintWriter err,
        boolean terminal,
        InstantSource clock,
        Map<String, String> environment,
        String hostName,
        Stop stop,
        Duration patience) {
    /** The usual {@code patience}: short, because people wait for a command, and agents retry. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** The real process. */
    public static ProcessContext ofProcess(Stop stop) {
        return new ProcessContext(
                new FileInputStream(FileDescriptor.in),
                new StandardOutput(
                        new FileOutputStream(FileDescriptor.out), descriptor(1).matches("(pipe|socket):.*")),
                new PrintWriter(
                        new OutputStreamWriter(new FileOutputStream(FileDescriptor.err), StandardCharsets.UTF_8), true),
                descriptor(2).matches("/dev/(pts/.*|tty.*|console)"),
                InstantSource.system(),
                System.getenv(),
                localHostName(),
                stop,
                PATIENCE);
    }

    /** The file that a descriptor refers to on Linux; empty on other systems, where there is no progress bar. */
    private static String descriptor(int number) {
        try {
            return Files.readSymbolicLink(Path.of("/proc/self/fd/" + number)).toString();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    private static String localHostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost"; // the machine cannot resolve its own name
        }
    }

    /** The wall clock in microseconds since 1970. */
    public long nowMicros() {
        var now = clock.instant();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
    }

    /** Writes one line to standard error. */
    public void say(String line) {
        err.println(PrintableText.of(line));
        err.flush();
    }
}
