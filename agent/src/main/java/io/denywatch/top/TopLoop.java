package io.denywatch.top;

import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import io.denywatch.top.AgentFinder.Unanswered;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Shows agents on a terminal until the user quits. Confined to one thread; another thread polls the agents, so that
 * keys work while an agent is slow.
 */
final class TopLoop implements AutoCloseable {
    /** How often keys are read. */
    private static final long PAUSE_NANOS = 40_000_000;

    private final ProcessContext world;
    private final AgentPoll poll;
    private final Tty tty;
    private final Duration every;
    private final ExecutorService asking = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("asking").factory());
    private ViewState view;
    private String askedFor;
    private @Nullable Future<Frame> answer;
    private @Nullable Frame shown;
    private Instant nextAt = Instant.MIN;
    private List<String> drawn = List.of();
    private Tty.Size drawnSize = new Tty.Size(0, 0);

    /**
     * Creates a loop and draws nothing yet.
     *
     * @param poll not owned
     * @param tty not owned
     */
    TopLoop(ProcessContext world, AgentPoll poll, Tty tty, ViewState view, Duration every) {
        this.world = world;
        this.poll = poll;
        this.tty = tty;
        this.view = view;
        this.every = every;
        askedFor = view.nlb();
    }

    /** Runs until the user quits or the process is stopped. */
    void run() {
        while (!world.stop().requested()) {
            for (KeyPress key : KeyPress.read(tty.typed())) {
                if (key.equals(KeyPress.QUIT)) {
                    return;
                }
                view = shown == null ? view : view.press(key, shown);
            }
            ask(world.clock().instant());
            draw(world.clock().instant());
            world.stop().pause(PAUSE_NANOS);
        }
    }

    /** Takes a poll's result when it is there, and polls again when it is time or another load balancer was chosen. */
    private void ask(Instant now) {
        if (answer != null && answer.isDone()) {
            shown = result(answer);
            answer = null;
            nextAt = now.plus(every);
        }
        String wanted = view.nlb();
        if (answer == null && (!now.isBefore(nextAt) || !wanted.equals(askedFor))) {
            askedFor = wanted;
            answer = asking.submit(() -> poll.poll(wanted));
        }
    }

    private static Frame result(Future<Frame> answer) {
        try {
            return answer.get();
        } catch (InterruptedException e) {
            throw new IllegalStateException("the thread of a command is never interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Unanswered unanswered) {
                throw CommandFailure.failed(unanswered.line());
            }
            throw new IllegalStateException("agents cannot be polled", e.getCause());
        }
    }

    private void draw(Instant now) {
        Tty.Size size = tty.size();
        Map<String, String> environment = world.environment();
        boolean plain = !environment.getOrDefault("NO_COLOR", "").isEmpty();
        List<String> lines = shown == null
                ? List.of("Asking the agents. q quits.")
                : Screen.lines(shown.at(now), view, size.columns(), size.rows(), TopCommand.isAscii(world)).stream()
                        .map(line -> plain ? line.text() : line.coloured())
                        .toList();
        // After a resize the contents of the terminal are unknown, so draw everything again.
        if (!lines.equals(drawn) || !size.equals(drawnSize)) {
            tty.draw(lines);
            drawn = lines;
            drawnSize = size;
        }
    }

    @Override
    public void close() {
        asking.shutdownNow();
    }
}
