package io.denywatch.api;

import io.denywatch.process.CommandFailure;
import io.denywatch.process.PrintableText;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** The option that chooses between output for people and for programs. */
public final class OutputOption {
    private static final String JSON = "json";
    private static final String TEXT = "text";

    @Option(
            names = "--output",
            paramLabel = "FORM",
            defaultValue = TEXT,
            description = "Output format: text or json (default: ${DEFAULT-VALUE}).")
    private String output = TEXT;

    /** Refuses a format other than text and JSON. */
    public void check() {
        if (!output.equals(TEXT) && !output.equals(JSON)) {
            throw CommandFailure.usage("--output: \"" + output + "\" is not allowed; allowed: text, json");
        }
    }

    /** Whether the output is for programs. */
    public boolean isJson() {
        return output.equals(JSON);
    }

    /**
     * Prints the text or the document, as the user chose.
     *
     * @param text the output for people, including newlines
     * @param document the output for programs, written in one line
     */
    public void print(OutputStream out, Supplier<String> text, Supplier<?> document) {
        if (output.equals(TEXT)) {
            PrintWriter writer = new PrintWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
            writer.print(PrintableText.of(text.get()));
            writer.flush();
            return;
        }
        ApiJson.writeLine(document.get(), out);
    }
}
