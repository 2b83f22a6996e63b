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
 * @param node that the agent counts for
 * @param version of the agent
 * @param takenAt when it was so
 * @param since when the agent began to count
 * @param windowSeconds the window that distinct sources are counted in
 * @param nlbs the load balancers; the last one is always {@code other}
 * @param trackedSources how many sources the agent tracks
 * @param log the log, and what became of its lines
 * @param checkpoint where counts are saved
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
     * @param namespace of its Service; empty where it is not known
     * @param service its Service; empty where it is not known
     * @param packets denied
     * @param bytes of these packets
     * @param latePackets those of the packets that were read from a backlog
     * @param sources distinct ones in the window
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
     * @param label its number, or a name for all other ports together and for packets without a port
     */
    public record ExposedPort(String label) {
        /** Reads a number or a text. */
        @JsonCreator
        static ExposedPort of(Object label) {
            return new ExposedPort(label.toString());
        }

        /** A number where there is one. */
        @JsonValue
        Object json() {
            return Character.isDigit(label.charAt(0)) ? Integer.valueOf(label) : label;
        }
    }

    /**
     * Packets to one port.
     *
     * @param port their own port; null for packets without one
     */
    public record TopPort(@Nullable Integer port, String protocol, long packets) {}

    /**
     * How many sources are tracked.
     *
     * @param now in the window
     * @param limit more are never tracked
     * @param evictedForCapacity sources that made room for others
     * @param evictedIdle sources that were not seen for a window
     */
    public record TrackedSources(long now, long limit, long evictedForCapacity, long evictedIdle) {
        static final TrackedSources NONE = new TrackedSources(0, 0, 0, 0);
    }

    /**
     * The log.
     *
     * @param kind a file, or the kernel's own log
     * @param path where it is
     * @param readable whether it can be read
     * @param problem why not; empty if it can
     * @param unreadBytes after the place where the agent reads
     * @param readBytes read since start
     * @param lastLineAt when the last line was read; null before the first
     * @param catchingUp whether the agent still reads what was there when it started
     * @param timestampOffsetSeconds by which stamps without a zone differ from UTC
     * @param lines read, by kind
     * @param malformed lines that could not be parsed, by reason
     * @param suppressed lines that never reached the log, by the program that dropped them
     * @param rotations of the file, by kind
     * @param readErrors by kind
     * @param gaps of the log that were not read, by reason
     * @param nulBytes skipped
     * @param partialLinesDiscarded without an end
     * @param drainingFiles rotated files that are still read
     * @param kmsgLostRecords of the kernel's log that were overwritten before being read
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

        /** Copies the maps: the same snapshot gives the same bytes. */
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
     * Where counts are saved.
     *
     * @param durableAt when they last were; null if they never were
     * @param failures to save them
     * @param stateLost whether the counts of an earlier process could not be restored
     */
    public record CheckpointState(@Nullable Instant durableAt, long failures, boolean stateLost) {
        static final CheckpointState NONE = new CheckpointState(null, 0, false);
    }
}
