package io.denywatch.explain;

import io.denywatch.denial.ObservedPacket;
import io.denywatch.detection.DetectionRule;
import io.denywatch.detection.SourceWindows;
import io.denywatch.detection.WindowPool;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;

/**
 * The maxima of one source's windows, which show how close it came to each rule's threshold, counted as by {@link
 * SourceWindows}. Confined to one thread.
 */
public final class WindowMaxima {
    private static final long MICROS_PER_SECOND = 1_000_000;

    private final List<DetectionRule> rules;
    private final WindowPool windows;
    private final int[] amounts;
    private final long[] atMicros;

    /**
     * The most that was in a rule's window.
     *
     * @param amount of the rule's measure; at most the threshold, at which the window is emptied
     * @param at event time of the packet that first reached it
     */
    public record Peak(DetectionRule rule, int amount, Instant at) {
        /** Whether the threshold was reached. */
        public boolean isReached() {
            return amount >= rule.threshold();
        }
    }

    /** Starts with empty windows. Rules of the whole cluster are left out: one log does not show what they count. */
    public WindowMaxima(List<DetectionRule> given) {
        rules = given.stream().filter(rule -> !rule.isOfCluster()).toList();
        int nodes = rules.stream().mapToInt(WindowPool::nodesPerSourceMax).sum();
        windows = new WindowPool(Math.max(1, nodes), rules.size());
        amounts = new int[rules.size()];
        atMicros = new long[rules.size()];
    }

    /**
     * A packet of the source, as a {@link io.denywatch.detection.PacketObserver} receives it.
     *
     * @return whether it reached a threshold
     */
    public boolean packet(ObservedPacket packet) {
        long second = Math.floorDiv(packet.micros(), MICROS_PER_SECOND);
        boolean reached = false;
        for (int number = 0; number < rules.size(); number++) {
            DetectionRule rule = rules.get(number);
            if (!rule.protocols().contains(packet.transport())) {
                continue;
            }
            int amount = windows.add(rule, number, second, packet);
            if (amount > amounts[number]) {
                amounts[number] = amount;
                atMicros[number] = packet.micros();
            }
            if (amount >= rule.threshold()) {
                windows.clear(number);
                reached = true;
            }
        }
        return reached;
    }

    /** Records an established response, which empties the windows. */
    public void established() {
        for (int number = 0; number < rules.size(); number++) {
            windows.clear(number);
        }
    }

    /** The maxima in the order of the rules, without rules that counted nothing. */
    public List<Peak> peaks() {
        List<Peak> peaks = new ArrayList<>();
        for (int number = 0; number < rules.size(); number++) {
            if (amounts[number] > 0) {
                Instant at = Instant.EPOCH.plus(atMicros[number], ChronoUnit.MICROS);
                peaks.add(new Peak(rules.get(number), amounts[number], at));
            }
        }
        return peaks;
    }
}
