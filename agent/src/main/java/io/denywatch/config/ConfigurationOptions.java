package io.denywatch.config;

import io.denywatch.process.ProcessContext;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options of every command that uses a configuration. */
public final class ConfigurationOptions {
    /** Environment variable that names the file if no option does. */
    static final String FILE_VARIABLE = "DENYWATCH_CONFIG";

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration file, in YAML.")
    private @Nullable Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "One setting, with a YAML value; may be repeated, and overrides the file.")
    private List<String> assignments = new ArrayList<>();

    /** The configuration given by these options; in a pod of the chart, the agent's file is the default. */
    public Configuration configuration(ProcessContext world) {
        String byDefault = world.environment().getOrDefault(FILE_VARIABLE, "");
        Path named = file == null && !byDefault.isEmpty() ? Path.of(byDefault) : file;
        return ConfigurationReader.read(Settings.read(named, assignments), world);
    }
}
