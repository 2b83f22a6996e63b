package io.denywatch.process;

import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.logging.ConsoleHandler;
import java.util.logging.Formatter;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

/** The process's log on standard error: one line a record, time in UTC, level, message. */
public final class LogLines extends Formatter {
    private static final DateTimeFormatter TIME =
            new DateTimeFormatterBuilder().appendInstant(3).toFormatter();

    /**
     * Makes this the only form in which {@code java.util.logging} writes.
     *
     * @param least the lowest level that is written
     */
    public static void install(Level least) {
        LogManager.getLogManager().reset();
        Handler handler = new ConsoleHandler();
        handler.setFormatter(new LogLines());
        Logger root = Logger.getLogger("");
        root.addHandler(handler);
        root.setLevel(least);
    }

    @Override
    public String format(LogRecord record) {
        String level = record.getLevel().equals(Level.SEVERE)
                ? "ERROR"
                : record.getLevel().equals(Level.WARNING)
                        ? "WARN"
                        : record.getLevel().getName();
        Throwable thrown = record.getThrown();
        return TIME.format(record.getInstant())
                + ' '
                + level
                + ' '
                + (formatMessage(record) + (thrown == null ? "" : ": " + thrown)).replaceAll("\\s*\\R\\s*", " ")
                + System.lineSeparator();
    }
}
