package io.denywatch.top;

import io.denywatch.blocklist.BlockEntry;
import io.denywatch.denial.Transport;
import io.denywatch.detection.Evidence;
import io.denywatch.detection.Measure;
import io.denywatch.detection.Rule;
import io.denywatch.doctor.Enforcement;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * What one agent says of the addresses that were asked for.
 *
 * @param node of the agent; its URL where it does not say
 * @param mode of its blocklist
 * @param enforcement whether a policy of its node denies what is stored: a label of {@link Enforcement}; empty where it
 *     does not say
 * @param breakerOpen whether only overwhelming evidence blocks because so many sources are possibly forged
 * @param problem why it cannot write, or blocks nobody newly; empty if all is well
 * @param rules by which it decides
 * @param entries that it wants blocked
 * @param decisions of late, the earliest first
 * @param answered when it last saw one of the addresses answered
 * @param traffic what it counted of them lately
 */
public record AgentReport(
        String node,
        String mode,
        String enforcement,
        boolean breakerOpen,
        String problem,
        List<Rule> rules,
        List<BlockEntry> entries,
        List<Told> decisions,
        Optional<Instant> answered,
        List<Traffic> traffic) {
    public static final String BLOCKED = "blocked";
    public static final String REFUSED = "refused";
    public static final String UNBLOCKED = "unblocked";

    /**
     * A decision.
     *
     * @param at when it took effect
     * @param decision {@link #BLOCKED}, {@link #REFUSED} or {@link #UNBLOCKED}
     * @param because why it was refused or ended, in one word
     * @param range that forbids it, and why; empty if there is none
     * @param ban when the ban began; {@code at} of what was refused
     */
    public record Told(
            Instant at,
            String decision,
            String because,
            String range,
            IpPrefix source,
            String rule,
            Instant ban,
            Evidence evidence) {}

    /**
     * Packets in the last ten minutes.
     *
     * @param nlb the load balancer's address, or {@code other}
     */
    public record Traffic(IpPrefix source, String nlb, long packets, Instant lastSeen) {}

    /**
     * Reads the document of an agent, be it one that shows all sources.
     *
     * @throws IllegalArgumentException where it is of another form; also {@link java.time.DateTimeException}
     */
    static AgentReport read(JsonNode document, IpPrefix asked, String url) {
        if (!document.path("answered").isArray()) {
            throw new IllegalArgumentException("no list of who was answered"); // an older agent, or none
        }
        return new AgentReport(
                text(document, "node", url),
                text(document, "mode", ""),
                text(document, "enforcement", ""),
                document.path("breakerOpen").asBoolean(false),
                text(document, "problem", ""),
                document.path("rules").valueStream().map(AgentReport::rule).toList(),
                touching(document, "entries", asked).map(AgentReport::entry).toList(),
                touching(document, "decisions", asked).map(AgentReport::told).toList(),
                touching(document, "answered", asked) // the latest first
                        .map(answer -> instant(answer, "at"))
                        .findFirst(),
                touching(document, "traffic", asked)
                        .map(traffic -> new Traffic(
                                source(traffic),
                                text(traffic, "nlb", ""),
                                traffic.path("packets").asLong(0),
                                instant(traffic, "lastSeen")))
                        .toList());
    }

    private static Stream<JsonNode> touching(JsonNode document, String list, IpPrefix asked) {
        return document.path(list).valueStream().filter(node -> asked.overlaps(source(node)));
    }

    private static String text(JsonNode node, String name, String otherwise) {
        return node.path(name).asString(otherwise);
    }

    private static Instant instant(JsonNode node, String name) {
        return Instant.parse(text(node, name, ""));
    }

    private static IpPrefix source(JsonNode node) {
        return IpPrefix.parse(text(node, "source", ""));
    }

    private static Rule rule(JsonNode rule) {
        String measure = text(rule, "measure", "");
        Set<String> protocols =
                rule.path("protocols").valueStream().map(JsonNode::asString).collect(Collectors.toSet());
        return new Rule(
                text(rule, "name", ""),
                Arrays.stream(Measure.values())
                        .filter(known -> known.label().equals(measure))
                        .findFirst()
                        .orElseThrow(() -> new IllegalArgumentException("measure: " + measure)),
                rule.path("threshold").asInt(0),
                rule.path("withinSeconds").asInt(0),
                Arrays.stream(Transport.values())
                        .filter(transport -> protocols.contains(transport.label()))
                        .collect(Collectors.toSet()),
                Duration.ofSeconds(rule.path("banForSeconds").asLong(0)),
                Duration.ofSeconds(rule.path("maxBanSeconds").asLong(0)));
    }

    private static BlockEntry entry(JsonNode entry) {
        return new BlockEntry(
                source(entry),
                instant(entry, "at"),
                instant(entry, "until"),
                text(entry, "rule", ""),
                entry.path("repeats").asInt(0),
                evidence(entry, instant(entry, "at")));
    }

    private static Told told(JsonNode told) {
        Instant at = instant(told, "decidedAt");
        String range = text(told, "neverBlock", "");
        return new Told(
                at,
                text(told, "decision", ""),
                text(told, "because", ""),
                range.isEmpty() ? "" : range + " (" + text(told, "reason", "") + ")",
                source(told),
                text(told, "rule", ""),
                told.has("at") ? instant(told, "at") : at,
                evidence(told, at));
    }

    private static Evidence evidence(JsonNode of, Instant at) {
        JsonNode evidence = of.path("evidence");
        if (evidence.isMissingNode()) {
            return new Evidence(0, List.of(), List.of(), at, at);
        }
        int count = evidence.path("count").asInt(0);
        return new Evidence(
                count,
                evidence.path("ports").valueStream().map(JsonNode::asString).toList(),
                evidence.path("loadBalancers")
                        .valueStream()
                        .map(address -> Ip.parse(address.asString()))
                        .toList(),
                instant(evidence, "firstSeen"),
                instant(evidence, "lastSeen"),
                text(evidence, "line", ""),
                count,
                text(evidence, "hint", ""));
    }
}
