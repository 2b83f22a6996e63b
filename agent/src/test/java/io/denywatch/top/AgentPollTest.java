package io.denywatch.top;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.api.ApiPaths;
import io.denywatch.command.TestWorld;
import io.denywatch.top.AgentFinder.AgentEndpoint;
import io.denywatch.top.AgentFinder.Unanswered;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class AgentPollTest {
    private static final String NLBS = """
            {"node":"n1","version":"1.2.3","takenAt":"2026-03-01T10:00:00Z","since":"2026-03-01T09:00:00Z",
             "nlbs":[{"nlb":"203.0.113.7","packets":100,"bytes":6000,"sources":0}],"log":{}}""";

    private record Fake(String name, Answer answer) implements AgentEndpoint {
        @Override
        public JsonNode get(String document) throws Unanswered {
            return answer.to(document);
        }
    }

    private interface Answer {
        JsonNode to(String document) throws Unanswered;
    }

    private record Fakes(List<AgentEndpoint> list) implements AgentFinder {
        @Override
        public void close() {}
    }

    private static JsonNode json(String text) {
        return new JsonMapper().readTree(text);
    }

    /** The one that hangs is asked first, and gives up only once the other has been asked: one by one they would wait for ever. */
    @Test
    @Timeout(600)
    void anAgentThatHangsDoesNotKeepTheOthersBack() throws Unanswered {
        CountDownLatch asked = new CountDownLatch(1);
        AgentEndpoint hanging = new Fake("hanging", _ -> {
            try {
                asked.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            throw new Unanswered("no answer", false);
        });
        AgentEndpoint healthy = new Fake("healthy", document -> {
            asked.countDown();
            return json(document.equals(ApiPaths.NLBS) ? NLBS : "{\"findings\":[]}");
        });
        try (AgentPoll poll = new AgentPoll(new TestWorld().world(), new Fakes(List.of(hanging, healthy)))) {
            Frame shown = poll.poll("");

            assertEquals(100, shown.page().nlbs().getFirst().packets());
            assertEquals(
                    List.of("hanging"),
                    shown.silent().stream().map(Frame.SilentAgent::name).toList());
        }
    }
}
