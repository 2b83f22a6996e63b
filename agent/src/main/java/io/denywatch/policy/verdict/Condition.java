package io.denywatch.policy.verdict;

import io.denywatch.policy.Selector;
import io.denywatch.policy.Side;

/** A condition that is true or false for a packet and is not analysed further. */
sealed interface Condition {
    /**
     * The address on this side belongs to an endpoint or a network set that the selector selects.
     *
     * @param side which address
     * @param selector of endpoints and sets
     */
    record Selected(Side side, Selector selector) implements Condition {}

    /**
     * Any other condition, identified by its text.
     *
     * @param text of the condition
     */
    record Asked(String text) implements Condition {}
}
