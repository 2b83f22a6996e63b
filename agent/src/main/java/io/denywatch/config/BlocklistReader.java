package io.denywatch.config;

import io.denywatch.blocklist.BlocklistLimits;
import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.Preset;
import io.denywatch.denial.Transport;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.Measure;
import io.denywatch.detection.RuleScope;
import io.denywatch.detection.SubnetLengths;
import io.denywatch.doctor.FindingKind;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.manifest.PolicyOptions;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.Spans;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** Reads {@link Configuration.BlocklistSettings} from {@link Settings}; each failure is one line that names the key. */
final class BlocklistReader {
    private static final int RULES_MAX = 8;
    private static final Duration REMEMBER_MAX = Duration.ofDays(365);

    private static final String NAME = "name";
    private static final String PROTOCOLS = "protocols";
    private static final String BLOCK_FOR = "for";
    private static final String MAX_BAN = "maxBan";
    private static final String PREFIX_LENGTH = "prefixLength";
    private static final String PREFIX_LENGTH_6 = "prefixLength6";
    private static final String SCOPE = "scope";
    private static final String NODES_MIN = "nodesMin";
    private static final int CLUSTER_RULES_MAX = 4;
    private static final List<String> RULE_KEYS = Stream.concat(
                    Arrays.stream(Measure.values()).map(Measure::label),
                    Stream.of(NAME, PROTOCOLS, BLOCK_FOR, MAX_BAN, PREFIX_LENGTH, PREFIX_LENGTH_6, SCOPE, NODES_MIN))
            .toList();
    private static final int DEFAULT_PREFIX_LENGTH = 24;
    private static final int DEFAULT_PREFIX_LENGTH_6 = 56;
    private static final Duration WITHIN_MAX = Duration.ofSeconds(DetectionRule.WITHIN_SECONDS_MAX);
    private static final Duration DEFAULT_BAN = Duration.ofMinutes(10);
    private static final Duration DEFAULT_MAX_BAN = Duration.ofDays(1);

    private static final Pattern THRESHOLD = Pattern.compile("([0-9]{1,9}) +within +([0-9]+[smhd])");

    private final Settings settings;

    private BlocklistReader(Settings settings) {
        this.settings = settings;
    }

    /** Reads and checks everything that begins with {@code blocklist}. */
    static Configuration.BlocklistSettings read(Settings settings) {
        BlocklistReader reader = new BlocklistReader(settings);
        return new Configuration.BlocklistSettings(
                reader.mode(),
                reader.rules(),
                new BlocklistLimits(
                        settings.number(Setting.BLOCKLIST_ENTRIES_MAX),
                        settings.number(Setting.BLOCKLIST_NEW_ENTRIES_PER_MINUTE),
                        settings.number(Setting.BLOCKLIST_ONE_PACKET_SOURCES_MAX),
                        settings.number(Setting.BLOCKLIST_SUBNETS_MAX),
                        settings.number(Setting.BLOCKLIST_NEW_SUBNETS_PER_MINUTE)),
                reader.rememberFor(),
                reader.exempt(),
                reader.requireTrustedLog(),
                reader.policy(),
                reader.crdAllowed(),
                reader.overridden(),
                settings.flag(Setting.BLOCKLIST_COUNT_BLOCKED));
    }

    private BlocklistMode mode() {
        String given = settings.text(Setting.BLOCKLIST_MODE);
        return Arrays.stream(BlocklistMode.values())
                .filter(mode -> mode.label().equals(given))
                .findFirst()
                .orElseThrow(() -> Setting.BLOCKLIST_MODE.refuse('"' + given + '"'));
    }

    /** Refuses settings under which no line could ever lead to a block; with kind auto this is checked at start. */
    private boolean requireTrustedLog() {
        boolean required = settings.flag(Setting.BLOCKLIST_REQUIRE_TRUSTED_LOG);
        boolean never = settings.text(Setting.SOURCE_KIND).equals(SourceKind.FILE.label())
                && !settings.flag(Setting.SOURCE_TRUSTED);
        if (required && never && mode() != BlocklistMode.OFF) {
            throw CommandFailure.usage(Setting.BLOCKLIST_REQUIRE_TRUSTED_LOG.key() + ": true is not allowed with "
                    + Setting.SOURCE_KIND.key() + " file and " + Setting.SOURCE_TRUSTED.key()
                    + " false, because no source would be blocked; allowed: " + Setting.SOURCE_KIND.key()
                    + " kmsg or auto, or "
                    + Setting.SOURCE_TRUSTED.key() + " true if the file contains only lines of the kernel");
        }
        return required;
    }

    private String policy() {
        String given = settings.text(Setting.BLOCKLIST_POLICY);
        if (!PolicyOptions.isName(given)) {
            throw Setting.BLOCKLIST_POLICY.refuse('"' + given + '"');
        }
        return given;
    }

    private boolean crdAllowed() {
        String api = settings.text(Setting.BLOCKLIST_API);
        return switch (api) {
            case "projectcalico.org/v3" -> false;
            case "crd.projectcalico.org/v1" -> true;
            default -> throw Setting.BLOCKLIST_API.refuse('"' + api + '"');
        };
    }

    private List<String> overridden() {
        List<String> ids = new ArrayList<>();
        for (JsonNode element : settings.list(Setting.BLOCKLIST_OVERRIDE)) {
            String id = element.isString() ? element.asString() : "";
            if (!FindingKind.WITHHOLDING_BLOCKING.contains(id)) {
                throw Setting.BLOCKLIST_OVERRIDE.refuse(Settings.text(element));
            }
            ids.add(id);
        }
        return ids;
    }

    private Duration rememberFor() {
        String given = settings.text(Setting.BLOCKLIST_REMEMBER_FOR);
        return Spans.parse(given)
                .filter(span -> span.compareTo(REMEMBER_MAX) <= 0)
                .orElseThrow(() -> Setting.BLOCKLIST_REMEMBER_FOR.refuse('"' + given + '"'));
    }

    private Configuration.ExemptionSettings exempt() {
        List<IpPrefix> blocks = new ArrayList<>();
        List<Preset> presets = new ArrayList<>();
        for (JsonNode element : settings.list(Setting.BLOCKLIST_NEVER_BLOCK)) {
            if (element.isString() && element.asString().startsWith(Preset.PREFIX)) {
                presets.add(Preset.of(element.asString())
                        .orElseThrow(() -> Setting.BLOCKLIST_NEVER_BLOCK.refuse(element.asString())));
            } else {
                blocks.add(settings.prefix(Setting.BLOCKLIST_NEVER_BLOCK, element));
            }
        }
        List<IpPrefix> mayBlock = settings.list(Setting.BLOCKLIST_MAY_BLOCK).stream()
                .map(element -> settings.prefix(Setting.BLOCKLIST_MAY_BLOCK, element))
                .toList();
        return new Configuration.ExemptionSettings(
                blocks,
                presets,
                mayBlock,
                settings.path(Setting.BLOCKLIST_RESOLV_CONF),
                settings.flag(Setting.BLOCKLIST_LIVE_EXEMPTIONS));
    }

    private List<DetectionRule> rules() {
        List<DetectionRule> rules = settings.list(Setting.BLOCKLIST_RULES).stream()
                .map(BlocklistReader::rule)
                .toList();
        if (rules.isEmpty() || rules.size() > RULES_MAX) {
            throw Setting.BLOCKLIST_RULES.refuse(rules.size() + " rules");
        }
        long ofCluster = rules.stream().filter(DetectionRule::isOfCluster).count();
        if (ofCluster > CLUSTER_RULES_MAX) {
            throw CommandFailure.usage(Setting.BLOCKLIST_RULES.key() + ": " + ofCluster
                    + " rules with scope cluster are not allowed; allowed: at most " + CLUSTER_RULES_MAX);
        }
        Set<String> names = new HashSet<>();
        for (DetectionRule rule : rules) {
            if (!names.add(rule.name())) {
                throw Setting.BLOCKLIST_RULES.refuse("a second rule named " + rule.name());
            }
        }
        return rules;
    }

    private static DetectionRule rule(JsonNode given) {
        for (String key : given.propertyNames()) {
            if (!RULE_KEYS.contains(key)) {
                throw CommandFailure.usage(Setting.BLOCKLIST_RULES.key() + ": " + key
                        + ": unknown key of a rule; did you mean " + Suggestion.to(key, RULE_KEYS) + "?");
            }
        }
        List<Measure> measures = Arrays.stream(Measure.values())
                .filter(measure -> given.has(measure.label()))
                .toList();
        if (measures.size() != 1) { // also if it is not an object
            throw CommandFailure.usage(Setting.BLOCKLIST_RULES.key() + ": " + Settings.text(given)
                    + " is not allowed; allowed: exactly one of "
                    + Arrays.stream(Measure.values()).map(Measure::label).collect(Collectors.joining(", "))
                    + " in each rule");
        }
        Measure measure = measures.getFirst();
        JsonNode value = given.get(measure.label());
        Matcher threshold = THRESHOLD.matcher(value.isString() ? value.asString() : "");
        Optional<Duration> within = threshold.matches() ? Spans.parse(threshold.group(2)) : Optional.empty();
        if (within.isEmpty()) {
            throw CommandFailure.usage(Setting.BLOCKLIST_RULES.key() + ": " + measure.label() + " "
                    + Settings.text(value) + " is not allowed; allowed: \"N within SPAN\", as in 300 within 1m");
        }
        checkRange("within", within.get(), threshold.group(2), Duration.ofSeconds(1), WITHIN_MAX);
        Duration maxBlock = span(given, MAX_BAN, DetectionRule.BLOCK_MAX, DEFAULT_MAX_BAN);
        Duration most = given.has(MAX_BAN) ? maxBlock : DetectionRule.BLOCK_MAX;
        Duration blockFor = span(given, BLOCK_FOR, most, DEFAULT_BAN.compareTo(maxBlock) < 0 ? DEFAULT_BAN : maxBlock);
        if (!given.has(MAX_BAN) && blockFor.compareTo(maxBlock) > 0) {
            maxBlock = blockFor; // a long "for" alone raises the default limit
        }
        try {
            return new DetectionRule(
                    text(given, NAME),
                    measure,
                    Integer.parseInt(threshold.group(1)),
                    (int) within.get().toSeconds(),
                    protocols(given),
                    blockFor,
                    maxBlock,
                    subnets(given, measure),
                    scope(given));
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(Setting.BLOCKLIST_RULES.key() + ": " + e.getMessage());
        }
    }

    private static SubnetLengths subnets(JsonNode rule, Measure measure) {
        if (measure == Measure.DISTINCT_SOURCES) {
            return new SubnetLengths(
                    length(rule, PREFIX_LENGTH, DEFAULT_PREFIX_LENGTH, SubnetLengths.IPV4_MIN, 31),
                    length(rule, PREFIX_LENGTH_6, DEFAULT_PREFIX_LENGTH_6, SubnetLengths.IPV6_MIN, 63));
        }
        for (String key : List.of(PREFIX_LENGTH, PREFIX_LENGTH_6)) {
            if (rule.has(key)) {
                throw CommandFailure.usage(Setting.BLOCKLIST_RULES.key() + ": " + key + " "
                        + Settings.text(rule.get(key)) + " is not allowed with " + measure.label()
                        + "; allowed: with " + Measure.DISTINCT_SOURCES.label());
            }
        }
        return SubnetLengths.NONE;
    }

    private static int length(JsonNode rule, String key, int otherwise, int min, int max) {
        JsonNode value = rule.get(key);
        if (value == null) {
            return otherwise;
        }
        if (!value.isInt() || value.asInt() < min || value.asInt() > max) {
            throw CommandFailure.usage(Setting.BLOCKLIST_RULES.key() + ": " + key + " " + Settings.text(value)
                    + " is not allowed; allowed: " + min + " to " + max);
        }
        return value.asInt();
    }

    private static RuleScope scope(JsonNode rule) {
        JsonNode given = rule.get(SCOPE);
        String label = given == null ? RuleScope.NodeScope.LABEL : given.isString() ? given.asString() : "";
        JsonNode nodes = rule.get(NODES_MIN);
        return switch (label) {
            case RuleScope.NodeScope.LABEL -> {
                if (nodes != null) {
                    throw CommandFailure.usage(Setting.BLOCKLIST_RULES.key() + ": " + NODES_MIN + " "
                            + Settings.text(nodes) + " is not allowed; allowed: with scope cluster");
                }
                yield RuleScope.NODE;
            }
            case RuleScope.ClusterScope.LABEL ->
                new RuleScope.ClusterScope(nodes == null ? RuleScope.ClusterScope.NODES_MIN : nodes.asInt(0));
            default ->
                throw CommandFailure.usage(Setting.BLOCKLIST_RULES.key() + ": " + SCOPE + " "
                        + (given == null ? "" : Settings.text(given)) + " is not allowed; allowed: "
                        + RuleScope.NodeScope.LABEL + ", " + RuleScope.ClusterScope.LABEL);
        };
    }

    private static String text(JsonNode rule, String key) {
        JsonNode value = rule.get(key);
        if (value == null || !value.isString()) {
            throw Setting.BLOCKLIST_RULES.refuse("a rule's " + key + " " + (value == null ? "" : Settings.text(value)));
        }
        return value.asString();
    }

    private static Duration span(JsonNode rule, String key, Duration most, Duration otherwise) {
        JsonNode value = rule.get(key);
        if (value == null) {
            return otherwise;
        }
        Duration span = Spans.parse(value.isString() ? value.asString() : "")
                .orElseThrow(() -> CommandFailure.usage(Setting.BLOCKLIST_RULES.key() + ": " + key + " "
                        + Settings.text(value) + " is not allowed; allowed: " + Spans.ALLOWED));
        checkRange(key, span, value.asString(), DetectionRule.BLOCK_MIN, most);
        return span;
    }

    /** The message contains the span as it was given. */
    private static void checkRange(String part, Duration span, String given, Duration least, Duration most) {
        if (span.compareTo(least) < 0 || span.compareTo(most) > 0) {
            throw CommandFailure.usage(Setting.BLOCKLIST_RULES.key() + ": " + part + " " + given
                    + " is not allowed; allowed: " + Spans.text(least) + " to " + Spans.text(most));
        }
    }

    private static Set<Transport> protocols(JsonNode rule) {
        JsonNode given = rule.get(PROTOCOLS);
        if (given == null) {
            return EnumSet.allOf(Transport.class);
        }
        Set<Transport> protocols = EnumSet.noneOf(Transport.class);
        for (JsonNode element : given.values()) {
            String label = element.isString() ? element.asString() : "";
            protocols.add(Arrays.stream(Transport.values())
                    .filter(transport -> transport.label().equals(label.toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> CommandFailure.usage(Setting.BLOCKLIST_RULES.key() + ": " + PROTOCOLS + " "
                            + Settings.text(element) + " is not allowed; allowed: "
                            + Arrays.stream(Transport.values())
                                    .map(Transport::label)
                                    .collect(Collectors.joining(", ")))));
        }
        if (!given.isArray() || protocols.isEmpty()) {
            throw Setting.BLOCKLIST_RULES.refuse(PROTOCOLS + " " + Settings.text(given));
        }
        return protocols;
    }
}
