package io.denywatch.doctor;

import io.denywatch.process.Quantities;
import io.denywatch.tail.LogFiles;
import io.denywatch.tail.MountTable;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The text log: whether it exists, can be followed and can be read.
 *
 * @param findings whether it exists and can be read
 * @param sample the end of the log; null if it cannot be read
 */
record LogFile(List<Finding> findings, @Nullable LogSample sample) {
    /** The logs in which distributions store the kernel's messages. */
    private static final List<Path> USUAL_LOGS =
            List.of(Path.of("/var/log/syslog"), Path.of("/var/log/kern.log"), Path.of("/var/log/messages"));

    private static final List<String> JOURNALS = List.of("/run/log/journal", "/var/log/journal");
    private static final int GROUP_READS = 0040;
    private static final int PERMISSIONS = 07777;

    /** Examines the configured log. */
    static LogFile of(Node node, Installation installation, Instant now) {
        Path log = installation.log();
        List<Finding> findings = new ArrayList<>();
        LogSample sample = null;
        Path target = log;
        try {
            target = node.target(log);
            Path file = node.locate(target);
            Map<String, Object> status = Files.readAttributes(file, "unix:isRegularFile,isDirectory,size");
            if (Boolean.TRUE.equals(status.get("isRegularFile"))) {
                node.disk().tryToRead(file);
                sample = LogSample.of(ending(node, target, file, findings), file, installation, now);
                findings.add(readable(node, log, file, status));
                LogFiles.stillWritten(file)
                        .map(rotated -> FindingKind.LOGGER_NOT_SIGNALLED.found(log + ": is empty, and "
                                + rotated.getFileName() + " was written to after the log was created"))
                        .ifPresent(findings::add);
            } else {
                boolean directory = Boolean.TRUE.equals(status.get("isDirectory"));
                findings.add(FindingKind.LOG_NOT_REGULAR.found(
                        log + ": is " + (directory ? "a directory" : "a device, pipe or socket")));
            }
            if (isMountedAlone(node, target)) {
                findings.add(FindingKind.LOG_MOUNTED_ALONE.found(log + ": is mounted as a single file"));
            }
        } catch (NoSuchFileException | NotDirectoryException _) {
            findings.add(missing(node, installation, target, now));
        } catch (IOException e) {
            findings.add(unreadable(node, target, e));
        }
        if (!target.equals(log)) {
            findings.add(FindingKind.LOG_IS_LINK.found(log + ": is a link to " + target));
        }
        return new LogFile(List.copyOf(findings), sample);
    }

    /** The end of the log, preceded by the end of its newest rotated file if the log is short. */
    private static byte[] ending(Node node, Path log, Path file, List<Finding> findings) throws IOException {
        try {
            return LogFiles.lastBytes(file, LogSample.BYTES_MAX);
        } catch (IOException e) {
            byte[] alone = LogFiles.lastBytesOfLogAlone(file, LogSample.BYTES_MAX);
            findings.add(FindingKind.ROTATED_UNREADABLE.found(
                    failed(node, log, e) + ": " + reason(e) + "; it is needed to find the newest rotated file"));
            return alone;
        }
    }

    /** Whether a log can be read and has lines of the kernel. */
    static boolean hasKernelLines(Node node, Installation installation, Path log, Instant now) {
        try {
            Path file = node.locate(node.target(log));
            if (!Files.isRegularFile(file)) {
                return false;
            }
            node.disk().tryToRead(file);
            byte[] ending = LogFiles.lastBytes(file, LogSample.BYTES_MAX);
            return LogSample.of(ending, file, installation, now).kernelLines() > 0;
        } catch (IOException _) {
            return false;
        }
    }

    /** The usual logs with lines of the kernel, without the configured one. */
    static List<Path> othersWithKernelLines(Node node, Installation installation, Instant now) {
        return USUAL_LOGS.stream()
                .filter(usual -> !usual.equals(installation.log()))
                .filter(usual -> hasKernelLines(node, installation, usual, now))
                .toList();
    }

    private static boolean isMountedAlone(Node node, Path file) throws IOException {
        return MountTable.isMountPoint(node.real(file).toString(), node.text("/proc/self/mountinfo"));
    }

    private static Finding readable(Node node, Path log, Path file, Map<String, Object> status) throws IOException {
        long size = status.get("size") instanceof Long bytes ? bytes : 0;
        return FindingKind.LOG_READABLE.found("%s: %s, %s; can be read by %s"
                .formatted(
                        log,
                        Quantities.bytes(size),
                        owners(node, file),
                        Identity.of(node).words(node)));
    }

    private static Finding missing(Node node, Installation installation, Path target, Instant now) {
        Path log = installation.log();
        List<Path> having = othersWithKernelLines(node, installation, now);
        String looked = String.join(
                ", ",
                USUAL_LOGS.stream()
                        .filter(usual -> !usual.equals(log))
                        .map(usual -> usual
                                + (having.contains(usual)
                                        ? " (has lines of the kernel)"
                                        : Files.exists(node.locate(usual))
                                                ? " (without readable lines of the kernel)"
                                                : " (does not exist)"))
                        .toList());
        String what = log
                + (target.equals(log) ? ": does not exist" : ": is a link to " + target + ", which does not exist here")
                + "; other logs: " + looked;
        if (!having.isEmpty()) {
            return FindingKind.LOG_AT_ANOTHER_PATH.found(what);
        }
        boolean hasTextLog = USUAL_LOGS.stream().anyMatch(usual -> Files.exists(node.locate(usual)));
        return JOURNALS.stream()
                .filter(journal -> !hasTextLog && node.exists(journal))
                .findFirst()
                .map(journal -> FindingKind.JOURNALD_ONLY.found(what + "; there is a journal in " + journal))
                .orElseGet(() -> FindingKind.LOG_MISSING.found(what));
    }

    private static Finding unreadable(Node node, Path target, IOException failure) {
        Path file = failed(node, target, failure);
        String what = "%s: %s by %s"
                .formatted(file, reason(failure), Identity.of(node).words(node));
        try {
            what += "; it has " + owners(node, node.locate(file));
        } catch (IOException _) {
            what += "; one of its directories may not be searched";
        }
        return FindingKind.LOG_UNREADABLE.found(what);
    }

    /** The file that caused the failure, which may be a rotated one. */
    private static Path failed(Node node, Path target, IOException failure) {
        if (failure instanceof FileSystemException known && known.getFile() != null) {
            Path file = Path.of(known.getFile());
            return file.startsWith(node.root())
                    ? Path.of("/").resolve(node.root().relativize(file))
                    : file;
        }
        return target;
    }

    private static String reason(IOException failure) {
        if (failure instanceof AccessDeniedException) {
            return "may not be read";
        }
        String known = failure instanceof FileSystemException named ? named.getReason() : failure.getMessage();
        return "cannot be read (" + (known == null ? "input or output error" : known) + ")";
    }

    /** {@code mode 0640 of user syslog (102) and group adm (4), which may read it}. */
    private static String owners(Node node, Path file) throws IOException {
        Map<String, Object> attributes = Files.readAttributes(file, "unix:mode,uid,gid");
        int mode = attributes.get("mode") instanceof Integer bits ? bits & PERMISSIONS : 0;
        long user = attributes.get("uid") instanceof Integer id ? Integer.toUnsignedLong(id) : 0;
        long group = attributes.get("gid") instanceof Integer id ? Integer.toUnsignedLong(id) : 0;
        return "mode %04o of user %s and group %s, which may %sread it"
                .formatted(mode, node.user(user), node.group(group), (mode & GROUP_READS) == 0 ? "not " : "");
    }
}
