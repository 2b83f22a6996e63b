package io.denywatch.config;

import io.denywatch.ip.IpPrefix;
import io.denywatch.process.CommandFailure;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The raw values of a configuration file and of {@code --set}, by setting. */
public final class Settings {
    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final int PROBLEM_MAX_CHARACTERS = 160;

    private final Map<Setting, JsonNode> given = new EnumMap<>(Setting.class);

    private Settings() {}

    /**
     * Reads the file, if one is given, and then the assignments in their order; later ones override earlier ones.
     *
     * @param assignments each {@code key=value}, the value in YAML
     */
    public static Settings read(@Nullable Path file, List<String> assignments) {
        Settings settings = new Settings();
        if (file != null) {
            JsonNode root = parse(file.toString(), PlainTexts.quote(contents(file)));
            if (!root.isNull() && !root.isMissingNode()) {
                if (!root.isObject()) {
                    throw CommandFailure.usage(file + ": contains " + text(root) + "; allowed: keys and values");
                }
                settings.putAll("", root);
            }
        }
        for (String assignment : assignments) {
            int equals = assignment.indexOf('=');
            if (equals < 1) {
                throw CommandFailure.usage("--set: \"" + assignment + "\" is not allowed; allowed: KEY=VALUE");
            }
            String key = assignment.substring(0, equals);
            String value = assignment.substring(equals + 1);
            settings.put(key, isPlainText(key, value) ? StringNode.valueOf(value) : parse("--set " + key, value));
        }
        return settings;
    }

    /** Whether the setting was given. */
    boolean has(Setting setting) {
        return given.containsKey(setting);
    }

    /** A text. */
    String text(Setting setting) {
        JsonNode value = value(setting);
        if (!value.isString() || value.asString().isBlank()) {
            throw setting.refuse(text(value));
        }
        return value.asString();
    }

    /** A path. */
    Path path(Setting setting) {
        String text = text(setting);
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw setting.refuse('"' + text + '"');
        }
    }

    /** Yes or no. */
    boolean flag(Setting setting) {
        JsonNode value = value(setting);
        if (!value.isBoolean()) {
            throw setting.refuse(text(value));
        }
        return value.asBoolean();
    }

    /** A whole number in the setting's range. */
    int number(Setting setting) {
        JsonNode value = value(setting);
        if (!value.isIntegralNumber()
                || !value.canConvertToInt()
                || value.asInt() < setting.min()
                || value.asInt() > setting.max()) {
            throw setting.refuse(text(value));
        }
        return value.asInt();
    }

    /** A list's elements. */
    List<JsonNode> list(Setting setting) {
        JsonNode value = value(setting);
        if (!value.isArray()) {
            throw setting.refuse(text(value));
        }
        return new ArrayList<>(value.values());
    }

    /** A list's element as a block of addresses. */
    IpPrefix prefix(Setting setting, JsonNode element) {
        if (!element.isString()) {
            throw setting.refuse(text(element));
        }
        try {
            return IpPrefix.parse(element.asString());
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(setting.key() + ": " + e.getMessage() + "; allowed: " + setting.allowed());
        }
    }

    /** A value as the operator wrote it. Messages quote it. */
    static String text(JsonNode value) {
        return value.isNull() || value.isMissingNode() ? "nothing" : value.toString();
    }

    private JsonNode value(Setting setting) {
        JsonNode value = given.get(setting);
        return value != null ? value : parse(setting.key(), setting.yaml());
    }

    private void putAll(String prefix, JsonNode section) {
        for (Map.Entry<String, JsonNode> property : section.properties()) {
            put(prefix + property.getKey(), property.getValue());
        }
    }

    private void put(String key, JsonNode value) {
        for (Setting setting : Setting.values()) {
            if (setting.key().equals(key)) {
                given.put(setting, value);
                return;
            }
        }
        String section = key + ".";
        if (Setting.keys().stream().noneMatch(known -> known.startsWith(section))) {
            throw CommandFailure.usage(key + ": unknown setting; did you mean " + nearest(key) + "?");
        }
        if (value.isObject()) {
            putAll(section, value);
        } else if (!value.isNull()) {
            throw CommandFailure.usage(key + ": " + text(value) + " is not allowed; allowed: keys such as "
                    + Suggestion.to(section, Setting.keys()));
        }
    }

    /** The most similar setting; for a key without a dot, the most similar section. */
    private static String nearest(String key) {
        int dots = (int) key.chars().filter(c -> c == '.').count();
        List<String> candidates = new ArrayList<>(Setting.keys());
        if (dots == 0) {
            candidates.replaceAll(known -> known.indexOf('.') < 0 ? known : known.substring(0, known.indexOf('.')));
        }
        return Suggestion.to(key, candidates);
    }

    private static String contents(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException e) {
            throw CommandFailure.usage("--config: " + file + " does not exist; allowed: a YAML file");
        } catch (AccessDeniedException e) {
            throw CommandFailure.usage("--config: " + file + " may not be read; allowed: a readable YAML file");
        } catch (IOException e) {
            String problem = Files.isDirectory(file) ? "is a directory" : "cannot be read: " + e.getMessage();
            throw CommandFailure.usage("--config: " + file + " " + problem + "; allowed: a YAML file");
        }
    }

    private static boolean isPlainText(String key, String value) {
        return Arrays.stream(Setting.values())
                        .anyMatch(setting -> setting.isText() && setting.key().equals(key))
                && PlainTexts.isPlain(value);
    }

    private static JsonNode parse(String origin, String yaml) {
        try {
            return YAML.readTree(yaml);
        } catch (JacksonException e) {
            String problem = String.valueOf(e.getOriginalMessage()).strip().replaceAll("\\s+", " ");
            if (problem.length() > PROBLEM_MAX_CHARACTERS) {
                problem = problem.substring(0, PROBLEM_MAX_CHARACTERS) + "…";
            }
            throw CommandFailure.usage(origin + ": line " + e.getLocation().getLineNr() + " is not YAML: " + problem);
        }
    }
}
