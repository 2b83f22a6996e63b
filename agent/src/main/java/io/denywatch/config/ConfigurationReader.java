package io.denywatch.config;

import io.denywatch.denial.LoadBalancer;
import io.denywatch.denial.LoadBalancer.ServicePort;
import io.denywatch.denial.Transport;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import io.denywatch.tail.FileTail;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Reads a {@link Configuration} from {@link Settings}; each failure is one line that names the key. */
public final class ConfigurationReader {
    private static final int PREFIXES_MAX = 16;
    /** The longest prefix that nftables accepts: the kernel's limit less one. */
    private static final int PREFIX_MAX_CHARACTERS = 126;

    private static final Pattern NODE = Pattern.compile("[A-Za-z0-9_.-]{1,253}");
    private static final Pattern PORT = Pattern.compile("(tcp|udp)/([0-9]{1,5})");
    private static final Pattern NAME = Pattern.compile("[ -~]{0," + LoadBalancer.NAME_BYTES_MAX + "}");
    private static final List<String> LOAD_BALANCER_KEYS = List.of("address", "namespace", "service", "ports");
    private static final int PORT_MAX = 65_535;
    /** An environment variable that the kubelet sets in every container. */
    public static final String IN_POD = "KUBERNETES_SERVICE_HOST";

    private final Settings settings;
    private final ProcessContext world;

    private ConfigurationReader(Settings settings, ProcessContext world) {
        this.settings = settings;
        this.world = world;
    }

    /** Reads and checks everything. */
    public static Configuration read(Settings settings, ProcessContext world) {
        ConfigurationReader reader = new ConfigurationReader(settings, world);
        return new Configuration(
                reader.node(),
                reader.source(),
                prefixes(settings),
                reader.loadBalancers(),
                new Configuration.SourceSettings(
                        settings.number(Setting.SOURCES_TRACKED),
                        settings.number(Setting.SOURCES_EXPORTED),
                        settings.number(Setting.SOURCES_IPV6_PREFIX_LENGTH)),
                HttpReader.read(settings, world.environment().containsKey(IN_POD)),
                BlocklistReader.read(settings),
                settings.path(Setting.CHECKPOINT_DIRECTORY));
    }

    private String node() {
        String node = settings.has(Setting.NODE)
                ? settings.text(Setting.NODE)
                : world.environment().getOrDefault("NODE_NAME", world.hostName());
        if (!NODE.matcher(node).matches()) {
            throw Setting.NODE.refuse(quoted(node));
        }
        return node;
    }

    private Configuration.InputSettings source() {
        String given = settings.text(Setting.SOURCE_KIND);
        SourceKind kind = Arrays.stream(SourceKind.values())
                .filter(candidate -> candidate.label().equals(given))
                .findFirst()
                .orElseThrow(() -> Setting.SOURCE_KIND.refuse(quoted(given)));
        String startAt = settings.text(Setting.SOURCE_START_AT);
        FileTail.Start start = switch (startAt) {
            case "end" -> FileTail.Start.END;
            case "beginning" -> FileTail.Start.BEGINNING;
            default -> throw Setting.SOURCE_START_AT.refuse(quoted(startAt));
        };
        String zone = settings.text(Setting.SOURCE_TIMEZONE);
        boolean learn = zone.equals("learn");
        return new Configuration.InputSettings(
                kind,
                settings.path(Setting.SOURCE_PATH),
                settings.flag(Setting.SOURCE_TRUSTED),
                start,
                learn ? ZoneId.systemDefault() : zone(zone),
                learn);
    }

    private static ZoneId zone(String zone) {
        try {
            return ZoneId.of(zone);
        } catch (DateTimeException e) {
            throw Setting.SOURCE_TIMEZONE.refuse(quoted(zone));
        }
    }

    /** The default prefixes. */
    public static List<String> defaultPrefixes() {
        return prefixes(Settings.read(null, List.of()));
    }

    private static List<String> prefixes(Settings settings) {
        List<String> prefixes = new ArrayList<>();
        for (JsonNode element : settings.list(Setting.PACKETS_PREFIXES)) {
            String prefix = element.isString() ? element.asString() : "";
            if (prefix.isBlank() || prefix.length() > PREFIX_MAX_CHARACTERS) {
                throw Setting.PACKETS_PREFIXES.refuse(Settings.text(element));
            }
            prefixes.add(prefix);
        }
        if (prefixes.isEmpty() || prefixes.size() > PREFIXES_MAX) {
            throw Setting.PACKETS_PREFIXES.refuse(prefixes.size() + " prefixes");
        }
        return prefixes;
    }

    private Configuration.LoadBalancerSettings loadBalancers() {
        List<LoadBalancer> known = settings.list(Setting.LOAD_BALANCERS_STATIC).stream()
                .map(this::loadBalancer)
                .toList();
        Discovery discovery = !known.isEmpty()
                ? Discovery.STATIC
                : world.environment().containsKey(IN_POD) ? Discovery.KUBERNETES : Discovery.ANY;
        if (settings.has(Setting.LOAD_BALANCERS_DISCOVER)) {
            String given = settings.text(Setting.LOAD_BALANCERS_DISCOVER);
            discovery = Arrays.stream(Discovery.values())
                    .filter(candidate -> candidate.label().equals(given))
                    .findFirst()
                    .orElseThrow(() -> Setting.LOAD_BALANCERS_DISCOVER.refuse(quoted(given)));
        }
        boolean publishes = settings.flag(Setting.LOAD_BALANCERS_PUBLISH);
        if (publishes && discovery != Discovery.KUBERNETES) {
            throw CommandFailure.usage(Setting.LOAD_BALANCERS_PUBLISH.key() + ": true is not allowed; allowed: with "
                    + Setting.LOAD_BALANCERS_DISCOVER.key() + ": " + Discovery.KUBERNETES.label()
                    + ", because the addresses are those of Services");
        }
        return new Configuration.LoadBalancerSettings(
                discovery, known, settings.number(Setting.LOAD_BALANCERS_MAX), publishes);
    }

    private LoadBalancer loadBalancer(JsonNode entry) {
        if (entry.isString()) {
            return LoadBalancer.at(settings.prefix(Setting.LOAD_BALANCERS_STATIC, entry));
        }
        JsonNode address = entry.get("address");
        if (address == null) { // also if the entry is not an object
            throw Setting.LOAD_BALANCERS_STATIC.refuse(Settings.text(entry));
        }
        for (Map.Entry<String, JsonNode> property : entry.properties()) {
            if (!LOAD_BALANCER_KEYS.contains(property.getKey())) {
                throw CommandFailure.usage(Setting.LOAD_BALANCERS_STATIC.key() + ": " + property.getKey()
                        + ": unknown key of a load balancer; did you mean "
                        + Suggestion.to(property.getKey(), LOAD_BALANCER_KEYS) + "?");
            }
        }
        return new LoadBalancer(
                List.of(settings.prefix(Setting.LOAD_BALANCERS_STATIC, address)),
                optionalName(entry, "namespace"),
                optionalName(entry, "service"),
                ports(entry),
                List.of());
    }

    private static String optionalName(JsonNode entry, String key) {
        JsonNode value = entry.get(key);
        if (value == null) {
            return "";
        }
        if (!value.isString()) {
            throw Setting.LOAD_BALANCERS_STATIC.refuse(key + " " + Settings.text(value));
        }
        if (!NAME.matcher(value.asString()).matches()) {
            throw CommandFailure.usage(Setting.LOAD_BALANCERS_STATIC.key() + ": " + key + " "
                    + Settings.text(value) + " is not allowed; allowed: at most " + LoadBalancer.NAME_BYTES_MAX
                    + " characters of printable ASCII");
        }
        return value.asString();
    }

    private static List<ServicePort> ports(JsonNode entry) {
        JsonNode given = entry.get("ports");
        if (given == null) {
            return List.of();
        }
        List<ServicePort> ports = new ArrayList<>();
        for (JsonNode element : given.values()) {
            Matcher port = PORT.matcher(element.isString() ? element.asString() : "");
            int number = port.matches() ? Integer.parseInt(port.group(2)) : 0;
            if (number < 1 || number > PORT_MAX) {
                throw Setting.LOAD_BALANCERS_STATIC.refuse("port " + Settings.text(element));
            }
            ports.add(new ServicePort(port.group(1).equals("tcp") ? Transport.TCP : Transport.UDP, number));
        }
        if (!given.isArray()) {
            throw Setting.LOAD_BALANCERS_STATIC.refuse("ports " + Settings.text(given));
        }
        if (ports.size() > LoadBalancer.DISTINCT_PORTS_MAX) {
            throw CommandFailure.usage(Setting.LOAD_BALANCERS_STATIC.key() + ": " + ports.size()
                    + " ports of a load balancer are not allowed; allowed: at most "
                    + LoadBalancer.DISTINCT_PORTS_MAX);
        }
        return ports;
    }

    private static String quoted(String value) {
        return '"' + value + '"';
    }
}
