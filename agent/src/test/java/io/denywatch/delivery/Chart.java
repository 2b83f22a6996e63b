package io.denywatch.delivery;

import com.marcnuri.helm.Helm;
import com.marcnuri.helm.TemplateCommand;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The Helm chart, rendered by Helm itself. Where Helm's library is not to be had for a machine, tests are skipped. */
public final class Chart {
    /** Where it is. */
    public static final Path DIRECTORY = Path.of("..", "charts", "denywatch");

    /** A version of Kubernetes that has all that the chart can use. */
    static final String NEW_KUBERNETES = "1.31.0";

    private static final YAMLMapper YAML = new YAMLMapper();

    /** Why Helm cannot be run here, if it can't. */
    private static final Optional<String> LACKING = lacking();

    /**
     * A copy without marks of hooks, because Helm's library leaves out what is for {@code helm test} alone. Each process of
     * the tests has its own: another one may be writing.
     */
    private static final Path WITHOUT_HOOKS =
            withoutHooks(Path.of("target", "chart-" + ProcessHandle.current().pid()));

    private Chart() {}

    private static Optional<String> lacking() {
        try {
            return Helm.version().call().isBlank() ? Optional.of("no version") : Optional.empty();
        } catch (IllegalStateException | LinkageError e) {
            return Optional.of(e.toString());
        }
    }

    private static Path withoutHooks(Path directory) {
        try (Stream<Path> files = Files.walk(DIRECTORY)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copy = directory.resolve(DIRECTORY.relativize(file));
                Files.createDirectories(Objects.requireNonNull(copy.getParent()));
                List<String> lines = Files.readAllLines(file);
                Files.write(
                        copy,
                        lines.stream()
                                .filter(line -> !line.contains("helm.sh/hook"))
                                .toList());
            }
            return directory;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The values files that are there for tests, one for each feature. */
    public static List<Path> cases() {
        try (Stream<Path> files = Files.list(DIRECTORY.resolve("ci"))) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Helm helm(Path directory) {
        LACKING.ifPresent(why -> Assumptions.abort("Helm's library does not run here: " + why));
        return new Helm(directory);
    }

    /** All that the chart makes of values, which are given as YAML. */
    static Rendered render(String values) {
        return render(WITHOUT_HOOKS, NEW_KUBERNETES, values);
    }

    static Rendered render(Path directory, String kubernetes, String values) {
        return withFile(values, file -> render(directory, kubernetes, file));
    }

    /** All that the chart makes of a values file. */
    public static Rendered render(Path values) {
        return render(WITHOUT_HOOKS, NEW_KUBERNETES, values);
    }

    private static Rendered render(Path directory, String kubernetes, Path values) {
        TemplateCommand command = helm(directory)
                .template()
                .withName("dw")
                .withNamespace("watch")
                .withKubeVersion(kubernetes)
                .withValuesFile(values);
        return new Rendered(command.call());
    }

    /** What is said after an installation. */
    static String notes(String kubernetes, String values) {
        return withFile(values, file -> {
            String said = helm(DIRECTORY)
                    .install()
                    .withName("dw")
                    .withNamespace("watch")
                    .withKubeVersion(kubernetes)
                    .clientOnly()
                    .dryRun()
                    .withValuesFile(file)
                    .call()
                    .getOutput();
            return said.substring(said.indexOf("NOTES:"));
        });
    }

    private static <T> T withFile(String text, Function<Path, T> use) {
        try {
            Path file = Files.createTempFile("values", ".yaml");
            try {
                return use.apply(Files.writeString(file, text));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static JsonNode yaml(Path file) {
        return YAML.readTree(file);
    }

    static JsonNode yaml(String text) {
        return YAML.readTree(text);
    }

    /**
     * What Helm would send to a cluster.
     *
     * @param text all documents
     */
    public record Rendered(String text) {
        List<JsonNode> objects() {
            List<JsonNode> objects = new ArrayList<>();
            try (MappingIterator<JsonNode> documents =
                    YAML.readerFor(new TypeReference<JsonNode>() {}).readValues(text)) {
                documents.forEachRemaining(document -> {
                    if (document.isObject()) {
                        objects.add(document);
                    }
                });
            }
            return objects;
        }

        List<JsonNode> ofKind(String kind) {
            return objects().stream()
                    .filter(object -> object.path("kind").asString().equals(kind))
                    .toList();
        }

        JsonNode only(String kind) {
            List<JsonNode> found = ofKind(kind);
            if (found.size() != 1) {
                throw new AssertionError(found.size() + " of " + kind + " in\n" + text);
            }
            return found.getFirst();
        }

        JsonNode podSpec() {
            return only("DaemonSet").at("/spec/template/spec");
        }

        JsonNode agent() {
            return podSpec().at("/containers/0");
        }

        /** The arguments of each container of the program. */
        public JsonNode commands() {
            ArrayNode commands = YAML.createArrayNode();
            commands.add(agent().get("args"));
            commands.add(only("Pod").at("/spec/containers/0/args"));
            return commands;
        }

        /** Whether the agent can prove to the API server who it is. */
        public boolean hasToken() {
            return podSpec().get("automountServiceAccountToken").asBoolean();
        }

        /** The agent's configuration file. */
        public String configuration() {
            return ofKind("ConfigMap").stream()
                    .map(object -> object.at("/data/denywatch.yaml"))
                    .filter(JsonNode::isString)
                    .findFirst()
                    .orElseThrow()
                    .asString();
        }
    }
}
