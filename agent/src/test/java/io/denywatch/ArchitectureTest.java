package io.denywatch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
    private static final Pattern ARROW = Pattern.compile("^ +(\\S+) +-> (\\S+)", Pattern.MULTILINE);

    /** The JDK is everywhere; of other libraries only the first two name parts matter. */
    private static String room(String packageName) {
        if (packageName.equals("io.denywatch")) {
            return "(root)";
        }
        if (packageName.startsWith("io.denywatch.")) {
            return packageName.substring("io.denywatch.".length());
        }
        Matcher twoParts = Pattern.compile("^\\w+\\.\\w+").matcher(packageName);
        return "<" + (twoParts.find() ? twoParts.group() : packageName) + ">";
    }

    @Test
    void roomsDependOnEachOtherAsDrawn() throws IOException {
        StringWriter output = new StringWriter();
        ToolProvider.findFirst("jdeps")
                .orElseThrow()
                .run(
                        new PrintWriter(output),
                        new PrintWriter(output),
                        "--multi-release",
                        "base",
                        "--ignore-missing-deps",
                        "-verbose:package",
                        "-filter:none",
                        Path.of("target/classes").toString());
        TreeSet<String> arrows = new TreeSet<>();
        Matcher arrow = ARROW.matcher(output.toString());
        while (arrow.find()) {
            String from = room(arrow.group(1));
            String to = room(arrow.group(2));
            if (!from.equals(to)
                    && !to.startsWith("<java")
                    && !to.startsWith("<com.sun")
                    && !to.startsWith("<org.jspecify")) {
                arrows.add(from + " -> " + to);
            }
        }
        try (InputStream golden = ArchitectureTest.class.getResourceAsStream("/architecture.txt")) {
            String drawn = golden == null ? "" : new String(golden.readAllBytes(), StandardCharsets.UTF_8);
            assertEquals(drawn, String.join("\n", arrows) + "\n", "arrows between rooms, as jdeps sees them");
        }
    }
}
