package io.denywatch.delivery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** What names metrics: the files below {@code dashboards}, and the documents. */
final class Delivered {
    private static final Path DASHBOARDS = Path.of("../dashboards");
    static final Path RUNBOOKS = DASHBOARDS.resolve("runbooks");
    static final Path README = DASHBOARDS.resolve("README.md");

    private Delivered() {}

    /** A text in which metrics are named, and where it stands. */
    record Query(String where, String text) {}

    static List<Path> files(Path directory, String suffix) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(suffix))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonNode yaml(String name) {
        return new YAMLMapper().readTree(read(DASHBOARDS.resolve("rules").resolve(name)));
    }

    /** All rules, recording ones and alerts. */
    static List<JsonNode> rules() {
        return yaml("denywatch.rules.yaml")
                .path("groups")
                .valueStream()
                .flatMap(group -> group.path("rules").valueStream())
                .toList();
    }

    static List<JsonNode> alerts() {
        return rules().stream().filter(rule -> rule.has("alert")).toList();
    }

    /** What the tests of the rules expect of alerts. */
    static List<JsonNode> expectations() {
        return yaml("denywatch.test.yaml")
                .path("tests")
                .valueStream()
                .flatMap(test -> test.path("alert_rule_test").valueStream())
                .toList();
    }

    /** Series that the tests of the rules are fed with, and the queries that they ask. */
    private static List<Query> tests() {
        return yaml("denywatch.test.yaml")
                .path("tests")
                .valueStream()
                .flatMap(test -> Stream.concat(
                                test.path("input_series").valueStream().map(series -> series.path("series")),
                                test.path("promql_expr_test").valueStream().map(query -> query.path("expr")))
                        .map(text -> new Query(test.path("name").asString(), text.asString())))
                .toList();
    }

    /** All that names metrics: rules with their annotations, tests, dashboards, documents. */
    static List<Query> queries() {
        List<Query> queries = new ArrayList<>(tests());
        for (JsonNode rule : rules()) {
            String name = rule.path("record").asString(rule.path("alert").asString(""));
            queries.add(new Query(name, rule.path("expr").asString()));
            rule.path("annotations").valueStream().forEach(text -> queries.add(new Query(name, text.asString())));
        }
        for (Path board : files(DASHBOARDS, ".json")) {
            new JsonMapper()
                    .readTree(read(board))
                    .findValues("expr")
                    .forEach(text -> queries.add(new Query(board.toString(), text.asString())));
        }
        for (Path document : Documents.all()) {
            queries.add(new Query(document.toString(), Documents.code(List.of(document))));
        }
        return queries;
    }

    /** The alert of that name. */
    static Optional<JsonNode> alert(String name) {
        return alerts().stream()
                .filter(rule -> rule.path("alert").asString().equals(name))
                .findFirst();
    }
}
