package io.denywatch.api;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * All load balancers of one agent, and the state of its log. Counts are since {@code since} unless they name a window.
 *
 * @param node the agent's node
 * @param version the agent's version
 * @param takenAt when the document's snapshot was taken
 * @param since when the agent began to count
 * @param windowSeconds length of the window in which distinct sources are counted
 * @param nlbs the load balancers; the last one is always {@code other}
 * @param trackedSources the sources held in memory
 * @param log the log and its lines
 * @param checkpoint how counts are saved
 */
public record NlbsDocument(
        String node,
        String version,
        Instant takenAt,
        Instant since,
        int windowSeconds,
        List<CountedLoadBalancer> nlbs,
        TrackedSources trackedSources,
        Log log,
        CheckpointState checkpoint) {
    /** Checks what a reader relies on. */
    public NlbsDocument {
        nlbs = ApiJson.listed(nlbs, "nlbs");
        takenAt = ApiJson.time(takenAt, "takenAt");
        since = ApiJson.time(since, "since");
        trackedSources = trackedSources == null ? TrackedSources.NONE : trackedSources;
        log = log == null ? Log.NONE : log;
        checkpoint = checkpoint == null ? CheckpointState.NONE : checkpoint;
    }

    /**
     * One load balancer.
     *
     * @param nlb its address, or {@code other}
     * @param namespace the namespace of its Service; empty if not known
     * @param service the name of its Service; empty if not known
     * @param packets denied packets
     * @param bytes of these packets
     * @param latePackets packets that were read from a backlog
     * @param sources distinct sources in the window
     * @param totals packets of each exposed port
     * @param topPorts the ports with the most packets
     */
    public record CountedLoadBalancer(
            String nlb,
            String namespace,
            String service,
            long packets,
            long bytes,
            long latePackets,
            long sources,
            List<Total> totals,
            List<TopPort> topPorts) {
        /** Copies the lists. */
        public CountedLoadBalancer {
            totals = ApiJson.list(totals);
            topPorts = ApiJson.list(topPorts);
        }
    }

    /** Packets to an exposed port of one Service. */
    public record Total(
            String namespace, String service, String protocol, ExposedPort port, long packets, long bytes) {}

    /**
     * A port that a Service exposes.
     *
     * @param label its number, or a name that stands for all other ports together or for packets without a port
     */
    public record ExposedPort(String label) {
        /** Reads a number or a text. */
        @JsonCreator
        static ExposedPort of(Object label) {
            return new ExposedPort(label.toString());
        }

        /** The label, as a number if it is one. */
        @JsonValue
        Object json() {
            return Character.isDigit(label.charAt(0)) ? Integer.valueOf(label) : label;
        }
    }

    /**
     * Packets to one port.
     *
     * @param port the port; null for packets without one
     */
    public record TopPort(@Nullable Integer port, String protocol, long packets) {}

    /**
     * The sources held in memory.
     *
     * @param now their number
     * @param limit the largest possible number
     * @param evictedForCapacity sources dropped to make room for others
     * @param evictedIdle sources dropped because they sent nothing for a whole window
     */
    public record TrackedSources(long now, long limit, long evictedForCapacity, long evictedIdle) {
        static final TrackedSources NONE = new TrackedSources(0, 0, 0, 0);
    }

    /**
     * The log.
     *
     * @param kind {@code file} or {@code kmsg}
     * @param path its path
     * @param readable whether it can be read
     * @param problem why the log cannot be read; empty if it can
     * @param unreadBytes bytes that the agent has not read yet
     * @param readBytes bytes read since the agent began to count
     * @param lastLineAt when the last line was read; null before the first
     * @param catchingUp whether the lines being read are a backlog
     * @param timestampOffsetSeconds offset from UTC of time stamps that carry no zone
     * @param lines lines read, by result
     * @param malformed malformed lines, by reason
     * @param suppressed lines that never reached the log, by the program that dropped them
     * @param rotations rotations of the file, by kind
     * @param readErrors failures to open or read the log, by kind
     * @param gaps places where lines may have been lost, by reason
     * @param nulBytes NUL bytes that were skipped
     * @param partialLinesDiscarded lines whose end was never written
     * @param drainingFiles rotated files that are still being read
     * @param kmsgLostRecords records of the kernel's log that were overwritten before they were read
     */
    public record Log(
            String kind,
            String path,
            boolean readable,
            String problem,
            long unreadBytes,
            long readBytes,
            @Nullable Instant lastLineAt,
            boolean catchingUp,
            long timestampOffsetSeconds,
            SortedMap<String, Long> lines,
            SortedMap<String, Long> malformed,
            SortedMap<String, Long> suppressed,
            SortedMap<String, Long> rotations,
            SortedMap<String, Long> readErrors,
            SortedMap<String, Long> gaps,
            long nulBytes,
            long partialLinesDiscarded,
            long drainingFiles,
            long kmsgLostRecords) {
        static final Log NONE = new Log(
                "",
                "",
                true,
                "",
                0,
                0,
                null,
                false,
                0,
                new TreeMap<>(),
                new TreeMap<>(),
                new TreeMap<>(),
                new TreeMap<>(),
                new TreeMap<>(),
                new TreeMap<>(),
                0,
                0,
                0,
                0);

        /** Copies the maps in order, so that the same snapshot gives the same bytes. */
        public Log {
            lines = sorted(lines);
            malformed = sorted(malformed);
            suppressed = sorted(suppressed);
            rotations = sorted(rotations);
            readErrors = sorted(readErrors);
            gaps = sorted(gaps);
        }

        private static SortedMap<String, Long> sorted(@Nullable Map<String, Long> counts) {
            return counts == null ? new TreeMap<>() : new TreeMap<>(counts);
        }
    }

    /**
     * How counts are saved.
     *
     * @param durableAt when they were last saved; null if they never were
     * @param failures failures to save them
     * @param stateLost whether the counts of an earlier process could not be restored
     */
    public record CheckpointState(@Nullable Instant durableAt, long failures, boolean stateLost) {
        static final CheckpointState NONE = new CheckpointState(null, 0, false);
    }
}
