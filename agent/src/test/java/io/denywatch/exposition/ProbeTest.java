package io.denywatch.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ProbeTest {
    @ParameterizedTest
    @CsvSource({"-3600000, true", "0, true", "9999, true", "10000, false", "86400000, false"})
    void isAliveWhileTheSnapshotIsYoung(long ageMillis, boolean alive) {
        Probe probe = Probe.live(Snapshots.fresh(), Snapshots.TAKEN_AT_MILLIS + ageMillis);

        assertEquals(alive, probe.ok(), probe.text());
        assertEquals(alive, probe.text().equals("ok"));
    }

    @Test
    void saysHowOldTheSnapshotIs() {
        Probe probe = Probe.live(Snapshots.fresh(), Snapshots.TAKEN_AT_MILLIS + 12_345);

        assertTrue(probe.text().contains(" 12 s ago"), probe.text());
    }

    @Test
    void isReadyWhileTheLogIsReadable() {
        assertEquals(new Probe(true, "ok"), Probe.ready(Snapshots.busy(), ""));
    }

    @Test
    void saysInOneLineWhyTheLogIsNotReadable() {
        Probe probe = Probe.ready(Snapshots.unreadable(Snapshots.busy(), "/x\r\ny\u0000: permission \"denied\"\n"), "");

        assertEquals(new Probe(false, "/x y : permission \"denied\""), probe);
    }

    @Test
    void saysSomethingWhereNothingIsKnown() {
        for (String unknown : List.of("", "\n")) {
            Probe probe = Probe.ready(Snapshots.unreadable(Snapshots.busy(), unknown), "");

            assertEquals(new Probe(false, "the log is not open yet"), probe);
        }
    }

    @Test
    void isNotReadyBeforeTheBacklogOfTheStartIsRead() {
        Probe probe = Probe.ready(Snapshots.unsettled(Snapshots.busy()), "");

        assertEquals(new Probe(false, "reading what was logged before the start"), probe);
    }
}
