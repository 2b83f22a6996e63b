package io.denywatch.command;

import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.stream.Collectors;
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
        description = "Counts the packets that Calico denies, from a node's syslog to Prometheus.",
        footer = "%nExit codes: 0 done, 1 failed, 2 wrong usage or configuration.")
public final class Program implements Callable<Integer> {
    @Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    private Program() {}

    /** Runs a command line in this process; the result is the exit code. */
    public static int runProcess(String[] arguments) {
        // What goes wrong in this command it says itself, in the one line that it ends with.
        boolean isQuiet = arguments.length > 0 && arguments[0].equals(BlocklistCommand.NAME);
        LogLines.install(isQuiet ? Level.OFF : Level.INFO);
        StopSignal stop = StopSignal.onShutdown();
        int code = CommandFailure.FAILED;
        try {
            code = run(World.ofProcess(stop), arguments);
        } finally {
            stop.finished(code); // also after an error of our own, for which shutdown would wait in vain
        }
        return code;
    }

    /** Runs a command line in the given world; the result is the exit code. */
    static int run(World world, String... arguments) {
        PrintWriter out = new PrintWriter(new OutputStreamWriter(world.out(), StandardCharsets.UTF_8));
        CommandLine agent = new CommandLine(new AgentCommand(world));
        agent.getCommandSpec().usageMessage().footer(Setting.help());
        CommandLine line = new CommandLine(new Program())
                .addSubcommand(agent)
                .addSubcommand(new ParseCommand(world))
                .addSubcommand(new ReplayCommand(world))
                .addSubcommand(new SimulateCommand(world))
                .addSubcommand(new BlocklistCommand(world))
                .addSubcommand(new PoliciesCommand(world))
                .addSubcommand(new DoctorCommand(world))
                .addSubcommand(new ChownCommand())
                .setOut(out)
                .setErr(world.err())
                .setColorScheme(Help.defaultColorScheme(Help.Ansi.OFF))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler((failure, given) -> refuse(world, failure))
                .setExecutionExceptionHandler((failure, command, result) -> fail(world, command, failure));
        try {
            int code = line.execute(arguments);
            out.flush();
            return code;
        } catch (StandardOutput.Failed e) {
            return outputFailed(world, e);
        }
    }

    /** No subcommand was given. */
    @Override
    public Integer call() {
        spec.commandLine().usage(spec.commandLine().getErr());
        return CommandFailure.USAGE;
    }

    private static int refuse(World world, ParameterException failure) {
        String command = failure.getCommandLine().getCommandSpec().qualifiedName();
        boolean root = failure.getCommandLine().getParent() == null;
        String problem = root && failure instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()
                ? unmatched.getUnmatched().getFirst() + ": is no command; allowed: " + offered(failure.getCommandLine())
                : String.valueOf(failure.getMessage()).strip().replaceAll("\\s*\\R\\s*", " ");
        world.say(command + ": " + problem + " (see " + command + " --help)");
        return CommandFailure.USAGE;
    }

    private static String offered(CommandLine line) {
        return line.getSubcommands().entrySet().stream()
                .filter(command ->
                        !command.getValue().getCommandSpec().usageMessage().hidden())
                .map(Map.Entry::getKey)
                .collect(Collectors.joining(", "));
    }

    private static int fail(World world, CommandLine command, Exception failure) throws Exception {
        return switch (failure) {
            case CommandFailure known -> {
                world.say(command.getCommandSpec().qualifiedName() + ": " + known.line());
                yield known.exitCode();
            }
            case StandardOutput.Failed output -> outputFailed(world, output);
            default -> throw failure;
        };
    }

    private static int outputFailed(World world, StandardOutput.Failed failure) {
        if (failure.isClosedPipe()) {
            return 0;
        }
        world.say("denywatch: standard output: " + failure.getMessage());
        return CommandFailure.FAILED;
    }
}
