package io.denywatch.agent;

import io.denywatch.config.Configuration;
import io.denywatch.config.ConfigurationOptions;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import io.denywatch.process.Version;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The process of the DaemonSet: follows the log, counts, and serves metrics until it is told to stop. */
@Command(
        name = AgentCommand.NAME,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Follows a node's log, counts denied packets and serves metrics, until SIGTERM or Ctrl-C.",
        footerHeading = "%nSettings, for the file of --config and for --set:%n")
public final class AgentCommand implements Callable<Integer> {
    public static final String NAME = "agent";

    private final ProcessContext world;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    /** Runs in this process. */
    public AgentCommand(ProcessContext world) {
        this.world = world;
    }

    @Override
    public Integer call() {
        Configuration configuration = options.configuration(world);
        TableRoom.check(configuration, Runtime.getRuntime().maxMemory());
        Agent agent = Agent.start(configuration, world);
        try (agent) {
            agent.await();
        }
        if (agent.isBroken()) {
            throw CommandFailure.failed("a thread ended because of an unexpected error; see above");
        }
        return 0;
    }
}
