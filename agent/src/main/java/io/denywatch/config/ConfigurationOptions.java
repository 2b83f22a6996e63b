package io.denywatch.config;

import io.denywatch.process.ProcessContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that takes a configuration. */
public final class ConfigurationOptions {
    @Option(names = "--config", paramLabel = "FILE", description = "Configuration, as YAML.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One setting, the value as in YAML; may be repeated, and wins over the file.")
    private List<String> assignments = new ArrayList<>();

    /** The configuration that they describe. */
    public Configuration configuration(ProcessContext world) {
        return ConfigurationReader.read(Settings.read(file, assignments), world);
    }
}
