package io.denywatch.web;

import io.denywatch.process.TokenBucket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Reads a web configuration file, and the files that it names, relative to it. */
final class WebConfigReader {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final int FILE_MAX_BYTES = 1024 * 1024;
    private static final int USERS_MAX = 256;
    private static final int BURST_MAX = 1_000_000;
    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");
    /** The headers that the format allows. */
    private static final Set<String> HEADERS = new LinkedHashSet<>(List.of(
            "Content-Security-Policy",
            "X-Frame-Options",
            "X-Content-Type-Options",
            "X-XSS-Protection",
            "Strict-Transport-Security"));

    private final Path file;
    private final List<Path> files = new ArrayList<>();

    private WebConfigReader(Path file) {
        this.file = file;
    }

    static WebConfig read(Path file) throws WebConfigException {
        return new WebConfigReader(file).read();
    }

    private WebConfig read() throws WebConfigException {
        JsonNode root;
        try {
            root = YAML.readTree(contents(file));
        } catch (JacksonException e) {
            throw new WebConfigException("line " + e.getLocation().getLineNr() + " is not YAML");
        }
        ConfigSection top = ConfigSection.of(
                "", root, Set.of("tls_server_config", "http_server_config", "basic_auth_users", "rate_limit"));
        Optional<ServerTls> tls = top.has("tls_server_config")
                ? Optional.of(new TlsReader(this, top.at("tls_server_config")).read())
                : Optional.empty();
        Map<String, String> headers = headers(top.at("http_server_config"));
        Users users = users(top.at("basic_auth_users"));
        return new WebConfig(tls, headers, users, rateLimit(top.at("rate_limit")), files);
    }

    /** The contents of a file, which is checked for changes from now on. */
    String contents(Path path) throws WebConfigException {
        files.add(path);
        try {
            if (Files.size(path) > FILE_MAX_BYTES) {
                throw new WebConfigException(path + " is larger than " + FILE_MAX_BYTES + " bytes");
            }
            return Files.readString(path, StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            throw new WebConfigException(path + " does not exist");
        } catch (IOException e) {
            throw new WebConfigException(path + " cannot be read: " + e.getMessage());
        }
    }

    /** The path of a file that the configuration file names. */
    Path resolve(String name) {
        return file.resolveSibling(name);
    }

    private static Map<String, String> headers(JsonNode values) throws WebConfigException {
        ConfigSection http = ConfigSection.of("http_server_config", values, Set.of("http2", "headers"));
        if (http.flag("http2", false)) {
            throw http.refuse("http2", "false");
        }
        ConfigSection given = ConfigSection.of("http_server_config.headers", http.at("headers"), HEADERS);
        Map<String, String> headers = new LinkedHashMap<>();
        for (String header : HEADERS) {
            Optional<String> value = given.text(header);
            if (value.isPresent()) {
                if (!value.get().matches("[\\x20-\\x7e]*")) {
                    throw given.refuse(header, "printable ASCII");
                }
                headers.put(header, value.get());
            }
        }
        return headers;
    }

    private static Users users(JsonNode values) throws WebConfigException {
        if (!values.isObject() && !values.isNull() && !values.isMissingNode()) {
            throw new WebConfigException("basic_auth_users is not a mapping");
        }
        Map<String, String> hashes = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> user : values.properties()) {
            String hash = user.getValue().asString("");
            if (!Users.isHash(hash) || user.getKey().indexOf(':') >= 0) {
                // Not the value: it may be a password.
                throw new WebConfigException(
                        "basic_auth_users." + user.getKey()
                                + " is not allowed; allowed: a name without a colon and a bcrypt hash, as made by: htpasswd -nBC 10");
            }
            hashes.put(user.getKey(), hash);
        }
        if (hashes.size() > USERS_MAX) {
            throw new WebConfigException("basic_auth_users: " + hashes.size() + " are too many; allowed: " + USERS_MAX);
        }
        return new Users(hashes);
    }

    private static TokenBucket rateLimit(JsonNode values) throws WebConfigException {
        ConfigSection limit = ConfigSection.of("rate_limit", values, Set.of("interval", "burst"));
        JsonNode burst = limit.at("burst");
        if (limit.has("burst") && (!burst.canConvertToInt() || burst.asInt() < 0 || burst.asInt() > BURST_MAX)) {
            throw limit.refuse("burst", "a whole number from 0 to " + BURST_MAX);
        }
        String interval = limit.at("interval").asString("0");
        Matcher duration = DURATION.matcher(interval);
        if (!interval.equals("0") && !duration.matches()) {
            throw limit.refuse("interval", "a number with ms, s, m or h, or 0");
        }
        long nanos = interval.equals("0")
                ? 0
                : Long.parseLong(duration.group(1))
                        * switch (duration.group(2)) {
                            case "ms" -> 1_000_000L;
                            case "s" -> 1_000_000_000L;
                            case "m" -> 60_000_000_000L;
                            default -> 3_600_000_000_000L;
                        };
        if (nanos > 0 && burst.asInt(0) == 0) {
            throw new WebConfigException("rate_limit.burst: 0 is not allowed; allowed: at least 1, or interval 0");
        }
        return new TokenBucket(burst.asInt(0), nanos);
    }
}
