package io.denywatch.cluster.sets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SetNameTest {
    @Test
    void aNameSaysShardAndNode() {
        for (String node : List.of("a", "10.0.0.1", "0-a", "manual", "a.b-c")) {
            SetName name = new SetName(7, node);
            assertEquals(Optional.of(name), SetName.parse(name.toString()));
        }
    }

    @Test
    void othersNamesAreNobodys() {
        for (String name :
                List.of(SetName.MANUAL, "denywatch-0", "denywatch-0-", "denywatch-01-a", "x-0-a", "denywatch--a")) {
            assertEquals(Optional.empty(), SetName.parse(name), name);
        }
    }

    @Test
    void noNodesNamesAreThoseOfAnother() {
        assertNotEquals(new SetName(1, "a").toString(), new SetName(0, "1-a").toString());
    }

    @Test
    void aLongNodeNameHasALabelThatFitsAndIsItsOwn() {
        String node = "a".repeat(100);
        String label = new SetName(0, node).nodeLabel();
        assertTrue(label.matches("[a-z0-9]([-a-z0-9]*[a-z0-9])") && label.length() == 63, label);
        assertNotEquals(label, new SetName(0, node + "b").nodeLabel());
        assertEquals("node-1", new SetName(0, "node-1").nodeLabel());
    }

    @Test
    void aNodeThatNoObjectCanBeNamedAfterIsRefusedAtOnce() {
        SetName.checkNode("a".repeat(241));
        for (String node : List.of("a".repeat(242), "", "A", "a_b", "-a", "a..b", "a/b")) {
            String message = assertThrows(IllegalArgumentException.class, () -> SetName.checkNode(node))
                    .toString();
            assertTrue(message.contains("\"" + node + "\"") && message.contains("1 to 241"), message);
        }
    }
}
