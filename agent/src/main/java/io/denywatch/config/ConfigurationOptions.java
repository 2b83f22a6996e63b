package io.denywatch.config;

import io.denywatch.process.ProcessContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that takes a configuration. */
public final class ConfigurationOptions {
    /** Environment variable that names the file if no option does. */
    static final String FILE_VARIABLE = "DENYWATCH_CONFIG";

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration, as YAML.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One setting, the value as in YAML; may be repeated, and wins over the file.")
    private List<String> assignments = new ArrayList<>();

    /** The configuration that they describe; in a pod of the chart, that of its agent unless they name another file. */
    public Configuration configuration(ProcessContext world) {
        String byDefault = world.environment().getOrDefault(FILE_VARIABLE, "");
        Path named = file == null && !byDefault.isEmpty() ? Path.of(byDefault) : file;
        return ConfigurationReader.read(Settings.read(named, assignments), world);
    }
}
