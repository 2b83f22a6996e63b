package io.denywatch.command;

import picocli.CommandLine.Option;

/** Whether a command prints for people or for programs. */
final class OutputOption {
    private static final String JSON = "json";
    private static final String TEXT = "text";

    @Option(
            names = "--output",
            paramLabel = "FORM",
            defaultValue = TEXT,
            description = "text or json (default: ${DEFAULT-VALUE}).")
    private String output = TEXT;

    /** Refuses any other form. */
    void check() {
        if (!output.equals(TEXT) && !output.equals(JSON)) {
            throw CommandFailure.usage("--output: \"" + output + "\" is not allowed; allowed: text, json");
        }
    }

    boolean isJson() {
        return output.equals(JSON);
    }
}
