package io.denywatch.top;

import java.util.List;
import tools.jackson.databind.JsonNode;

/** Agents that can be asked for their documents. */
interface AgentFinder extends AutoCloseable {
    /** Why there is no answer, in one line. */
    final class Unanswered extends Exception {
        private static final long serialVersionUID = 1;

        /** Whether there is an agent, but not what it was asked for. */
        final boolean isNotFound;

        Unanswered(String message, boolean isNotFound) {
            super(message, null, false, false);
            this.isNotFound = isNotFound;
        }

        String line() {
            return String.valueOf(getMessage()).strip().replaceAll("\\s+", " ");
        }
    }

    /** One of them; may be asked by any thread. */
    interface AgentEndpoint {
        /** What it is called where its node is not known. */
        String name();

        /** Waits some seconds at most. */
        JsonNode get(String document) throws Unanswered;
    }

    /** All that there are now. */
    List<AgentEndpoint> list() throws Unanswered;

    @Override
    void close();
}
