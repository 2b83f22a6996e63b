package io.denywatch.top;

import java.util.List;
import tools.jackson.databind.JsonNode;

/** Finds the agents that can be asked for their documents. */
interface AgentFinder extends AutoCloseable {
    /** Says in one line why there is no response. */
    final class Unanswered extends Exception {
        private static final long serialVersionUID = 1;

        /** Whether an agent responded, but does not have the document. */
        final boolean isNotFound;

        Unanswered(String message, boolean isNotFound) {
            super(message, null, false, false);
            this.isNotFound = isNotFound;
        }

        String line() {
            return String.valueOf(getMessage()).strip().replaceAll("\\s+", " ");
        }
    }

    /** One agent; any thread may ask it. */
    interface AgentEndpoint {
        /** What the agent is called if its node is not known. */
        String name();

        /** Requests a document, and waits a few seconds at most. */
        JsonNode get(String document) throws Unanswered;
    }

    /** All agents at present. */
    List<AgentEndpoint> list() throws Unanswered;

    @Override
    void close();
}
