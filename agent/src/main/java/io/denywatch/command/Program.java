package io.denywatch.command;

import io.denywatch.agent.AgentCommand;
import io.denywatch.agent.OwnCommand;
import io.denywatch.config.Setting;
import io.denywatch.explain.BlocklistCommand;
import io.denywatch.feed.FeedCommand;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.LogLines;
import io.denywatch.process.ProcessContext;
import io.denywatch.process.StandardOutput;
import io.denywatch.process.StopSignal;
import io.denywatch.process.Version;
import io.denywatch.replay.ParseCommand;
import io.denywatch.replay.ReplayCommand;
import io.denywatch.simulate.SimulateCommand;
import io.denywatch.top.TopCommand;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import java.util.logging.Level;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The root of the command line: finds the subcommand, runs it, and turns failures into one line and an exit code. */
@Command(
        name = "denywatch",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Counts the packets that Calico denies, from a node's log, for Prometheus.",
        footer = "%nExit codes: 0 done, 1 failed, 2 wrong usage or configuration.")
public final class Program implements Callable<Integer> {
    @Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    private Program() {}

    /** Runs a command line in this process; the result is the exit code. */
    public static int runProcess(String[] arguments) {
        // These commands report their failures themselves, in their last line or on the screen.
        boolean isQuiet = arguments.length > 0
                && List.of(BlocklistCommand.NAME, FeedCommand.NAME, TopCommand.NAME)
                        .contains(arguments[0]);
        LogLines.install(isQuiet ? Level.OFF : Level.INFO);
        StopSignal stop = StopSignal.onShutdown();
        int code = CommandFailure.FAILED;
        try {
            code = run(ProcessContext.ofProcess(stop), arguments);
        } finally {
            stop.finished(code); // also after an unexpected error: shutdown would wait for the code
        }
        return code;
    }

    /** Runs a command line in the given process; the result is the exit code. */
    static int run(ProcessContext world, String... arguments) {
        PrintWriter out = new PrintWriter(new OutputStreamWriter(world.out(), StandardCharsets.UTF_8));
        CommandLine line = new CommandLine(new Program());
        Map<String, Supplier<CommandLine>> commands = commands(world);
        Supplier<CommandLine> named = arguments.length > 0 ? commands.get(arguments[0]) : null;
        // Other commands are only needed for help and errors; creating them would dominate an agent's start.
        for (Supplier<CommandLine> each : named == null ? commands.values() : List.of(named)) {
            line.addSubcommand(each.get());
        }
        line.setOut(out)
                .setErr(world.err())
                .setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((failure, given) -> refuse(world, failure))
                .setExecutionExceptionHandler((failure, command, result) -> fail(world, command, failure));
        try {
            int code = line.execute(arguments);
            out.flush();
            return code;
        } catch (StandardOutput.WriteFailed e) {
            return outputFailed(world, e);
        }
    }

    private static Map<String, Supplier<CommandLine>> commands(ProcessContext world) {
        Map<String, Supplier<CommandLine>> commands = new LinkedHashMap<>();
        commands.put(AgentCommand.NAME, () -> {
            CommandLine agent = new CommandLine(new AgentCommand(world));
            agent.getCommandSpec().usageMessage().footer(Setting.help());
            return agent;
        });
        commands.put(ParseCommand.NAME, () -> new CommandLine(new ParseCommand(world)));
        commands.put(ReplayCommand.NAME, () -> new CommandLine(new ReplayCommand(world)));
        commands.put(SimulateCommand.NAME, () -> new CommandLine(new SimulateCommand(world)));
        commands.put(BlocklistCommand.NAME, () -> new CommandLine(new BlocklistCommand(world)));
        commands.put(FeedCommand.NAME, () -> new CommandLine(new FeedCommand(world)));
        commands.put(PoliciesCommand.NAME, () -> new CommandLine(new PoliciesCommand(world)));
        commands.put(TopCommand.NAME, () -> new CommandLine(new TopCommand(world)));
        commands.put(DoctorCommand.NAME, () -> new CommandLine(new DoctorCommand(world)));
        commands.put(OwnCommand.NAME, () -> new CommandLine(new OwnCommand()));
        return commands;
    }

    /** Runs without a subcommand: prints the usage. */
    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return CommandFailure.USAGE;
    }

    private static int refuse(ProcessContext world, ParameterException failure) {
        String command = failure.getCommandLine().getCommandSpec().qualifiedName();
        boolean root = failure.getCommandLine().getParent() == null;
        String problem = root && failure instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()
                ? unmatched.getUnmatched().getFirst() + ": unknown command; allowed: "
                        + String.join(
                                ", ", failure.getCommandLine().getSubcommands().keySet())
                : String.valueOf(failure.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
        world.say(command + ": " + problem + " (see " + command + " --help)");
        return CommandFailure.USAGE;
    }

    private static int fail(ProcessContext world, CommandLine command, Exception failure) throws Exception {
        return switch (failure) {
            case CommandFailure known -> {
                world.say(command.getCommandSpec().qualifiedName() + ": " + known.line());
                yield known.exitCode();
            }
            case StandardOutput.WriteFailed output -> outputFailed(world, output);
            default -> throw failure;
        };
    }

    private static int outputFailed(ProcessContext world, StandardOutput.WriteFailed failure) {
        if (failure.isClosedPipe()) {
            return 0;
        }
        world.say("denywatch: standard output: " + failure.getMessage());
        return CommandFailure.FAILED;
    }
}
