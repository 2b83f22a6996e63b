package io.denywatch.agent;

import io.denywatch.config.Configuration;
import io.denywatch.config.SourceKind;
import io.denywatch.kmsg.KmsgTail;
import io.denywatch.packet.LineHead;
import io.denywatch.packet.SyslogTime;
import io.denywatch.tail.FileTail;
import io.denywatch.tail.LineClock;
import io.denywatch.tail.LogFiles;
import io.denywatch.tail.LogSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The log that is read, chosen once at start. Immutable. Only one log is read, because a packet in two logs would be
 * counted twice.
 *
 * @param kind {@link SourceKind#FILE} or {@link SourceKind#KMSG}
 * @param path of the log
 * @param why in words for an operator
 */
public record SourceChoice(SourceKind kind, Path path, String why) {
    /**
     * How many bytes at the end of a file are searched for a line of the kernel. A file with such a line counts as the
     * kernel's log.
     */
    private static final int ENDING_BYTES_MAX = 1024 * 1024;

    /**
     * Chooses the log.
     *
     * @param saved the kind of the saved position, preferred while that log is usable: switching logs would count some
     *     packets twice and miss others
     * @param kmsgOpens whether the kernel's log can be opened
     */
    public static SourceChoice of(
            Configuration.InputSettings source, @Nullable SourceKind saved, BooleanSupplier kmsgOpens) {
        return switch (source.kind()) {
            case FILE -> file(source.path(), "as configured");
            case KMSG -> kmsg("as configured");
            case AUTO -> automatic(source.path(), saved, kmsgOpens);
        };
    }

    private static SourceChoice automatic(Path path, @Nullable SourceKind saved, BooleanSupplier kmsgOpens) {
        boolean readable = Files.isRegularFile(path) && Files.isReadable(path);
        if (saved == SourceKind.FILE && (readable || isBetweenRenameAndCreate(path))) {
            return file(path, "the saved position belongs to it");
        }
        boolean opens = kmsgOpens.getAsBoolean();
        if (saved == SourceKind.KMSG && opens) {
            return kmsg("the saved position belongs to it");
        }
        if (readable && hasKernelLine(path)) {
            return file(path, "it has lines of the kernel");
        }
        String lacking = path + (readable ? " has no line of the kernel" : " is no file that can be read");
        return opens ? kmsg(lacking) : file(path, lacking + ", but neither can " + KmsgTail.DEVICE + " be read");
    }

    /** Whether a rotation has renamed the log and its writer has not yet created a new one. */
    private static boolean isBetweenRenameAndCreate(Path path) {
        try {
            return Files.notExists(path) && LogFiles.hasRotated(path);
        } catch (IOException _) {
            return false; // still changing, so it can't be known; the next start decides again
        }
    }

    private static SourceChoice file(Path path, String why) {
        return new SourceChoice(SourceKind.FILE, path, why);
    }

    private static SourceChoice kmsg(String why) {
        return new SourceChoice(SourceKind.KMSG, KmsgTail.DEVICE, why);
    }

    private static boolean hasKernelLine(Path path) {
        byte[] bytes;
        try {
            bytes = LogFiles.lastBytes(path, ENDING_BYTES_MAX);
        } catch (IOException _) {
            return false; // for example just rotated; following it shows whether it can be read
        }
        LineHead head = new LineHead(List.of());
        int start = 0;
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] == '\n') {
                head.read(bytes, start, i - start);
                if (head.isKernels()) {
                    return true;
                }
                start = i + 1;
            }
        }
        return false;
    }

    /** Where reading begins, in words for an operator. */
    String startText(FileTail.Start start, Optional<String> savedKind) {
        if (savedKind.equals(Optional.of(kind.label()))) {
            return "from where it was left";
        }
        String startText = "from its " + start.name().toLowerCase(Locale.ROOT);
        return savedKind
                .map(saved -> startText + ", because the saved position is of kind " + saved
                        + "; what was logged since then may be counted twice or never")
                .orElse(startText);
    }

    /** Opens the log, but reads nothing yet. */
    LogSource open(FileTail.Start start, InstantSource clock) {
        return kind == SourceKind.KMSG ? new KmsgTail(start, clock) : new FileTail(path, start, lineClock(clock));
    }

    /** Reads the times of lines only to compare them with each other, so their zone does not matter. */
    private static LineClock lineClock(InstantSource clock) {
        SyslogTime time = new SyslogTime(ZoneOffset.UTC);
        LineHead head = new LineHead(time);
        return (buffer, offset, length) -> {
            time.reference(TimeUnit.MILLISECONDS.toMicros(clock.millis()));
            head.read(buffer, offset, length);
            return head.micros();
        };
    }
}
