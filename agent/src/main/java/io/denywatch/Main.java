package io.denywatch;

import io.denywatch.command.Program;

/** Starts the command line. */
public final class Main {
    private Main() {}

    /** Runs the command line and exits with its code. */
    public static void main(String[] arguments) {
        System.exit(Program.runProcess(arguments));
    }
}
