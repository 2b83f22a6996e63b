package io.denywatch.sums;

/** What became of an agent in a round of collecting. */
public enum AgentState {
    /** Its summary was added. */
    COUNTED("counted"),
    /** It reports nothing, because its log is not trusted or its logged packets are not proven to be denied. */
    WITHHELD("withheld"),
    /** No complete response in time. */
    UNREACHABLE("unreachable"),
    /** The time of its summary is too far from the clock of the agent that collects. */
    CLOCK("clock"),
    /** Its response is not a summary. */
    INVALID("invalid");

    private final String label;

    AgentState(String label) {
        this.label = label;
    }

    /** The name in metrics and messages. */
    public String label() {
        return label;
    }
}
