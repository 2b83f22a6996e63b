package io.denywatch.doctor;

import io.denywatch.process.Quantities;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Whether what the kernel logs gets into the log. */
record KernelLinesCheck(Node node, Installation installation, LogSample sample, Instant now) implements Check {
    private static final Path RSYSLOG = Path.of("/etc/rsyslog.conf");
    private static final Path RSYSLOG_DIRECTORY = Path.of("/etc/rsyslog.d");
    /** Loads what reads the kernel's log, or the journal, which has it too. */
    private static final Pattern LOADS_KERNEL_INPUT =
            Pattern.compile("(?im)^\\s*(module\\s*\\(.*load\\s*=\\s*\"|\\$ModLoad\\s+)im(klog|kmsg|journal)\\b");

    @Override
    public List<Finding> findings() {
        boolean unknown = sample.kernelLines() == 0 && sample.mayMisunderstandKernel();
        if (sample.lines() == 0 || unknown) {
            return List.of(); // whether there are any cannot be said of lines that are not understood
        }
        if (sample.kernelLines() > 0) {
            return List.of(FindingKind.KERNEL_LINES.found(String.format(
                    Locale.ROOT,
                    "%s: %,d of the last %,d lines are the kernel's",
                    installation.log(),
                    sample.kernelLines(),
                    sample.lines())));
        }
        String what = installation.log() + ": none of the last " + Quantities.count(sample.lines(), "line")
                + " is the kernel's";
        List<Path> elsewhere = LogFile.othersWithKernelLines(node, installation, now);
        if (!elsewhere.isEmpty()) {
            return List.of(
                    FindingKind.KERNEL_LINES_ELSEWHERE.found(what + "; there are some in " + elsewhere.getFirst()));
        }
        return List.of(
                rsyslogLacksInput()
                        ? FindingKind.RSYSLOG_WITHOUT_IMKLOG.found(what + "; " + RSYSLOG + " does not load imklog")
                        : FindingKind.NO_KERNEL_LINES.found(what));
    }

    private boolean rsyslogLacksInput() {
        String main = node.text(RSYSLOG);
        return !main.isEmpty()
                && Stream.concat(
                                Stream.of(main),
                                node.list(RSYSLOG_DIRECTORY).stream().map(node::text))
                        .noneMatch(text -> LOADS_KERNEL_INPUT.matcher(text).find());
    }
}
