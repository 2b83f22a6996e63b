package io.denywatch.detection;

/** Whose packets a {@link DetectionRule} counts. Immutable. */
public sealed interface RuleScope {
    /** Each agent decides alone, on the packets of its own node. */
    RuleScope NODE = new NodeScope();

    /** The name in configuration and output. */
    String label();

    /** The packets of one node. */
    record NodeScope() implements RuleScope {
        /** The name in configuration and output. */
        public static final String LABEL = "node";

        @Override
        public String label() {
            return LABEL;
        }
    }

    /**
     * The packets of all nodes: one agent adds up what the others report. What any single agent reports counts for at
     * most one part in {@code nodesMin} of the threshold, so that one agent with wrong numbers cannot block a source
     * that no other node knows.
     *
     * @param nodesMin nodes that must have denied the source, {@link #NODES_MIN} to {@link #NODES_MAX}
     */
    record ClusterScope(int nodesMin) implements RuleScope {
        /** The name in configuration and output. */
        public static final String LABEL = "cluster";

        /** The least value of {@code nodesMin}, which is also the default. */
        public static final int NODES_MIN = 2;

        /** The highest value of {@code nodesMin}. */
        public static final int NODES_MAX = 16;

        /** The shortest span of such a rule, in seconds. */
        public static final int WITHIN_SECONDS_MIN = 60;

        /** The longest span of such a rule, in seconds. */
        public static final int WITHIN_SECONDS_MAX = 3_600;

        /**
         * The greatest distance between the times of two reports that are added, in seconds. Each report counts this
         * much less than the rule's span, so that all of them together count no more than the span.
         */
        public static final int SPREAD_SECONDS = 20;

        /** The most keys (ports or load balancers) of a source that an agent keeps and reports for a rule. */
        public static final int KEYS_MAX = 32;

        /** Checks the range. */
        public ClusterScope {
            if (nodesMin < NODES_MIN || nodesMin > NODES_MAX) {
                throw new IllegalArgumentException(
                        "nodesMin " + nodesMin + " is not allowed; allowed: " + NODES_MIN + " to " + NODES_MAX);
            }
        }

        @Override
        public String label() {
            return LABEL;
        }

        /** The most of a rule's amount that one agent contributes. */
        public int shareMax(DetectionRule rule) {
            return switch (rule.measure()) {
                case PACKETS -> Math.ceilDiv(rule.threshold(), nodesMin);
                case DISTINCT_PORTS, DISTINCT_LOAD_BALANCERS ->
                    Math.min(KEYS_MAX, Math.ceilDiv(rule.threshold(), nodesMin));
                case DISTINCT_NODES -> 1;
                case DISTINCT_SOURCES -> 0; // of one node only
            };
        }
    }
}
