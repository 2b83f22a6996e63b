package io.denywatch.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.System.Logger;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.List;
import java.util.ResourceBundle;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class LogOnceTest {
    private final List<String> lines = new ArrayList<>();
    private final LogOnce once = new LogOnce(new Lines(), "it works again");

    /** Keeps what is logged. */
    private final class Lines implements Logger {
        @Override
        public String getName() {
            return "test";
        }

        @Override
        public boolean isLoggable(Level level) {
            return true;
        }

        @Override
        public void log(Level level, @Nullable ResourceBundle bundle, String message, @Nullable Throwable thrown) {
            lines.add(level + " " + message);
        }

        @Override
        public void log(
                Level level,
                @Nullable ResourceBundle bundle,
                String format,
                @Nullable Object @Nullable ... parameters) {
            lines.add(level + " " + (parameters == null ? format : MessageFormat.format(format, parameters)));
        }
    }

    @Test
    void logsAProblemOnceAndThenTheRecovery() {
        once.failed("disk full");
        once.failed("disk full");
        once.worked();
        once.worked();
        assertEquals(List.of("WARNING disk full", "INFO it works again"), lines);
    }

    @Test
    void logsEachProblemOnceThoughTheyAlternate() {
        for (int i = 0; i < 3; i++) {
            once.failed("disk full");
            once.failed("no permission");
        }
        assertEquals(List.of("WARNING disk full", "WARNING no permission"), lines);
        assertEquals("no permission", once.problem());
    }

    @Test
    void logsTheSameProblemAgainAfterARecovery() {
        once.failed("disk full");
        once.worked();
        once.failed("disk full");
        assertEquals(List.of("WARNING disk full", "INFO it works again", "WARNING disk full"), lines);
    }

    @Test
    void logsNoRecoveryWithoutAProblemOrWithoutAText() {
        once.worked();
        LogOnce silent = new LogOnce(new Lines(), "");
        silent.failed(Logger.Level.INFO, "not served");
        silent.worked();
        assertEquals(List.of("INFO not served"), lines);
    }

    @Test
    void keepsTheConsequenceOutOfTheProblem() {
        assertFalse(once.isFailing());
        once.failed("disk full", "; a restart goes back");
        assertEquals(List.of("WARNING disk full; a restart goes back"), lines);
        assertEquals("disk full", once.problem());
        assertTrue(once.isFailing());
        once.worked();
        assertEquals("", once.problem());
        assertFalse(once.isFailing());
    }

    @Test
    void stopsAfterTooManyProblemsAndSaysSo() {
        IntStream.range(0, 10 * LogOnce.PROBLEMS_MAX).forEach(i -> once.failed("no answer after " + i + " ms"));
        assertEquals(LogOnce.PROBLEMS_MAX, lines.size());
        assertTrue(lines.getLast().endsWith("(no further problems are logged until this one ends)"), lines.getLast());
        once.worked();
        once.failed("no answer after 7 ms");
        assertEquals("WARNING no answer after 7 ms", lines.getLast());
    }

    @Test
    void takesForeignTextLiterally() {
        once.failed("the server said {0} 'and' {1}");
        assertEquals(List.of("WARNING the server said {0} 'and' {1}"), lines);
    }
}
