package io.denywatch.cluster;

import static java.net.HttpURLConnection.HTTP_FORBIDDEN;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.Decision;
import io.denywatch.blocklist.Decision.DetectionOutcome;
import io.denywatch.blocklist.DecisionListener;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.count.Count;
import io.denywatch.detection.Detection;
import io.denywatch.detection.Evidence;
import io.denywatch.ip.Ip;
import io.denywatch.process.LogOnce;
import io.denywatch.process.TokenBucket;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Reports decisions as Kubernetes Events of this node, shown by {@code kubectl describe node}. Called on the enforcer
 * thread; responses arrive on the client's threads, which touch only the atomic fields and the thread-safe log.
 * Events are best effort: their rate is limited, excess events are dropped, and the next event states how many.
 */
public final class NodeEvents implements DecisionListener {
    /** Number of events that may be sent at once; after these, one more per {@link #INTERVAL_MILLIS}. */
    static final int BURST = 10;

    /** Time until one more event may follow a burst. */
    static final int INTERVAL_MILLIS = 30_000;

    /**
     * Time between two events while the blocklist takes no more entries, because there may then be hundreds of
     * detections.
     */
    static final int REFUSING_INTERVAL_MILLIS = 600_000;

    /** Maximum number of pending requests. */
    static final int UNDER_WAY_MAX = 8;

    /** The API's limit on the length of a note. */
    static final int NOTE_LENGTH_MAX = 1_024;

    /** Events about objects without a namespace belong in this one. */
    static final String PATH = "/api/v1/namespaces/default/events";

    /** Refusals that are worth an event. Exemptions are not, because the operator decided on them. */
    private static final Set<DetectionOutcome> REFUSING =
            Set.of(DetectionOutcome.LIMIT, DetectionOutcome.RATE, DetectionOutcome.BREAKER);

    private final ClusterConnection connection;
    private final String nodeName;
    private final TokenBucket bucket = new TokenBucket(BURST, INTERVAL_MILLIS);
    private final TokenBucket refusing = new TokenBucket(1, REFUSING_INTERVAL_MILLIS);
    private int leftOut;
    private int number;
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicLong dropped = new AtomicLong();
    private final LogOnce writing =
            new LogOnce(System.getLogger(NodeEvents.class.getName()), "events are written again");

    /** What an event says. */
    private record News(String reason, String action, boolean warning, String note) {}

    /**
     * Creates a writer of events; sends nothing yet.
     *
     * @param nodeName of the node that this runs on
     */
    public NodeEvents(ClusterConnection connection, String nodeName) {
        this.connection = connection;
        this.nodeName = nodeName;
    }

    /**
     * Decisions since start without an event, because there were too many or the API server refused them. Any thread.
     */
    public long dropped() {
        return dropped.get();
    }

    @Override
    public void decided(Decision decision, BlocklistMode mode, Instant now) {
        long nowMillis = now.toEpochMilli();
        if (decision instanceof Decision.Refused refused
                && !(REFUSING.contains(refused.outcome()) && refusing.take(nowMillis))) {
            return;
        }
        if (!bucket.take(nowMillis) || underWay.get() >= UNDER_WAY_MAX) {
            leftOut++;
            dropped.accumulateAndGet(1, Count::sum);
            return;
        }
        News news = news(decision);
        String dryRun = mode == BlocklistMode.ENFORCE ? "" : "mode " + mode.label() + ", nothing is written: ";
        String omitted = leftOut == 0 ? "" : " (" + leftOut + " decisions before this one were left out)";
        leftOut = 0;
        send(news, cut(dryRun + news.note(), NOTE_LENGTH_MAX - omitted.length()) + omitted, now);
    }

    private static News news(Decision decision) {
        return switch (decision) {
            case Decision.Blocked(BlockEntry entry, Detection _) ->
                new News("SourceBlocked", "Block", true, blocked(entry));
            case Decision.Refused(Detection detection, DetectionOutcome outcome, Range _) ->
                new News("BlocklistRefusing", "Refuse", true, refused(detection, outcome));
            case Decision.Expired(var entry) ->
                new News(
                        "SourceUnblocked",
                        "Unblock",
                        false,
                        entry.source() + " is unblocked: its time is over; it was blocked at " + seconds(entry.at())
                                + " by rule " + entry.rule());
            case Decision.Revoked(var entry, var by) ->
                new News(
                        "SourceUnblocked",
                        "Unblock",
                        true,
                        entry.source() + " is unblocked: " + by.addresses() + " is never to be blocked (" + by.reason()
                                + ")");
            case Decision.Displaced(BlockEntry entry, Detection by) ->
                new News(
                        "SourceUnblocked",
                        "Unblock",
                        true,
                        entry.source() + " is unblocked: the blocklist is full, and there is more evidence against "
                                + by.source());
        };
    }

    private static String blocked(BlockEntry entry) {
        String before = entry.priorBlocks() == 0 ? "" : ", blocked " + entry.priorBlocks() + " times before";
        return entry.source() + " is blocked until " + seconds(entry.until()) + " by rule " + entry.rule() + before
                + ": " + text(entry.evidence());
    }

    private static String refused(Detection detection, DetectionOutcome outcome) {
        String why = switch (outcome) {
            case LIMIT -> "the blocklist is full";
            case RATE -> "too many were blocked in the last minute";
            default -> "so many sources may be forged that only overwhelming evidence leads to a block";
        };
        return detection.source() + " and others are not blocked, though a rule was reached: " + why + " (rule "
                + detection.rule().name() + ": " + text(detection.evidence()) + ")";
    }

    private static String text(Evidence evidence) {
        return "count " + evidence.count() + ", ports " + String.join(" ", evidence.ports()) + ", load balancers "
                + evidence.loadBalancers().stream().map(Ip::toString).collect(Collectors.joining(" ")) + ", seen "
                + seconds(evidence.firstSeen()) + " to " + seconds(evidence.lastSeen());
    }

    private static Instant seconds(Instant time) {
        return time.truncatedTo(ChronoUnit.SECONDS);
    }

    private static String cut(String text, int length) {
        return text.length() <= length ? text : text.substring(0, length - 3) + "...";
    }

    private void send(News news, String note, Instant now) {
        underWay.incrementAndGet();
        var _ = connection.create(PATH, event(news, note, now)).whenComplete((status, failure) -> {
            underWay.decrementAndGet();
            if (failure != null) {
                failed("no answer");
            } else if (status == HTTP_FORBIDDEN) {
                failed("403; missing: " + Permission.EVENTS.rule());
            } else if (status >= 300) {
                failed(status.toString());
            } else {
                writing.worked();
            }
        });
    }

    private void failed(String why) {
        dropped.accumulateAndGet(1, Count::sum);
        writing.failed("events cannot be written: " + why);
    }

    /**
     * Creates an Event like those of the kubelet about its node. {@code kubectl describe node} shows only Events whose
     * object is in no namespace and has the node's name as its UID; newer releases also show those with the UID of the
     * Node.
     */
    private ObjectNode event(News news, String note, Instant now) {
        ObjectNode event = JsonNodeFactory.instance.objectNode();
        event.put("apiVersion", "v1").put("kind", "Event");
        // Unique by convention: object, time, and a number because several events may have the same time.
        event.putObject("metadata")
                .put("namespace", "default")
                .put(
                        "name",
                        nodeName + ".denywatch-" + Long.toHexString(now.toEpochMilli()) + "-"
                                + Integer.toHexString(number++));
        String time = seconds(now).toString();
        event.put("firstTimestamp", time).put("lastTimestamp", time).put("count", 1);
        event.put("reportingComponent", "denywatch.io/agent").put("reportingInstance", nodeName);
        event.putObject("source").put("component", "denywatch").put("host", nodeName);
        event.put("type", news.warning() ? "Warning" : "Normal");
        event.put("reason", news.reason()).put("action", news.action()).put("message", note);
        event.putObject("involvedObject")
                .put("apiVersion", "v1")
                .put("kind", "Node")
                .put("name", nodeName)
                .put("uid", nodeName);
        return event;
    }
}
