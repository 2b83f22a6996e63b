package io.denywatch.process;

/** Ends a command with an exit code and one line for the person who started it. */
public final class CommandFailure extends RuntimeException {
    /** The command ran and did not succeed. */
    public static final int FAILED = 1;
    /** The command line or the configuration is wrong. */
    public static final int USAGE = 2;

    private static final long serialVersionUID = 1L;

    private final int exitCode;

    private CommandFailure(int exitCode, String message) {
        super(message, null, false, false);
        this.exitCode = exitCode;
    }

    /** A command that could not do what was asked; the message names the thing and what is wrong with it. */
    public static CommandFailure failed(String message) {
        return new CommandFailure(FAILED, message);
    }

    /** A wrong option or setting; the message names it, its value and what is allowed. */
    public static CommandFailure usage(String message) {
        return new CommandFailure(USAGE, message);
    }

    public int exitCode() {
        return exitCode;
    }

    /** The message in one line, never null. */
    public String line() {
        String message = getMessage();
        return message == null
                ? "failed"
                : message.lines()
                        .map(String::strip)
                        .reduce((a, b) -> a + " " + b)
                        .orElse("");
    }
}
