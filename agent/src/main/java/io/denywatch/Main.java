package io.denywatch;

import io.denywatch.command.Program;
import java.util.Arrays;

/** Starts the command line. */
public final class Main {
    /** Set if a script's {@code #!} line starts Java, which then gets the script's path before the arguments. */
    private static final String SCRIPT = "denywatch.script";

    private Main() {}

    /** Runs the command line and exits with its code. */
    public static void main(String[] arguments) {
        int first = Boolean.getBoolean(SCRIPT) ? 1 : 0;
        System.exit(Program.runProcess(Arrays.copyOfRange(arguments, first, arguments.length)));
    }
}
