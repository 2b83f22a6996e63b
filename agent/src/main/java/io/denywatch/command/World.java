package io.denywatch.command;

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
import java.time.InstantSource;
import java.util.Map;

/**
 * All that a command may touch of the process it runs in, so that a test can be that process.
 *
 * @param in standard input
 * @param out standard output, unbuffered; fails with {@link StandardOutput.Failed}
 * @param err standard error
 * @param terminal whether standard error is a terminal
 * @param clock the wall clock
 * @param environment the environment's variables
 * @param hostName of this machine
 * @param stop the wish to end
 */
record World(
        InputStream in,
        OutputStream out,
        PrintWriter err,
        boolean terminal,
        InstantSource clock,
        Map<String, String> environment,
        String hostName,
        Stop stop) {

    /** The real process. */
    static World ofProcess(Stop stop) {
        return new World(
                new FileInputStream(FileDescriptor.in),
                new StandardOutput(new FileOutputStream(FileDescriptor.out)),
                new PrintWriter(
                        new OutputStreamWriter(new FileOutputStream(FileDescriptor.err), StandardCharsets.UTF_8), true),
                isTerminal(),
                InstantSource.system(),
                System.getenv(),
                localHostName(),
                stop);
    }

    private static boolean isTerminal() {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/2")).toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException e) {
            return false; // no Linux: then no progress bar
        }
    }

    private static String localHostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost"; // the machine has a name that it cannot resolve, and no other way to tell it
        }
    }

    /** The wall clock in microseconds since 1970. */
    long nowMicros() {
        var now = clock.instant();
        return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
    }

    /** Writes one line to standard error. */
    void say(String line) {
        err.println(line);
        err.flush();
    }
}
