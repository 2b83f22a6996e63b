package io.denywatch.policy.verdict;

import io.denywatch.policy.Selector;
import io.denywatch.policy.Side;

/** Something that is true or false of a packet and is not looked into further. */
sealed interface Condition {
    /**
     * The address on this side belongs to an endpoint or a network set that the selector selects.
     *
     * @param side which address
     * @param selector which endpoints and sets
     */
    record Selected(Side side, Selector selector) implements Condition {}

    /**
     * Anything else, told apart by its text alone.
     *
     * @param text what is asked
     */
    record Asked(String text) implements Condition {}
}
