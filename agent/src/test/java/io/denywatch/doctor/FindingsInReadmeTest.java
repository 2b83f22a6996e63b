package io.denywatch.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What the README says that {@code doctor} says. */
class FindingsInReadmeTest {
    private static final Pattern ID = Pattern.compile("`([a-z]+(?:-[a-z]+)+)`");

    /** Second column of the table of what one sees when one sees nothing. */
    private static List<String> named() throws IOException {
        return Files.readAllLines(Path.of("../README.md")).stream()
                .dropWhile(line -> !line.startsWith("| you see | doctor says |"))
                .skip(2)
                .takeWhile(line -> line.startsWith("|"))
                .flatMap(row -> ID.matcher(row.split("\\|", -1)[2]).results())
                .map((MatchResult id) -> id.group(1))
                .toList();
    }

    @Test
    void readmeNamesOnlyFindingsThatDoctorHas() throws IOException {
        Set<String> known = Stream.of(
                        Arrays.stream(FindingId.values()).map(FindingId::id),
                        Arrays.stream(ClusterFindingId.values()).map(Finding::id),
                        Arrays.stream(io.denywatch.policy.Finding.Kind.values())
                                .map(io.denywatch.policy.Finding.Kind::id))
                .flatMap(ids -> ids)
                .collect(Collectors.toSet());
        List<String> named = named();

        assertFalse(named.isEmpty());
        assertEquals(List.of(), named.stream().filter(id -> !known.contains(id)).toList());
    }
}
