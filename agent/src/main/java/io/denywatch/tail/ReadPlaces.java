package io.denywatch.tail;

import io.denywatch.tail.Fingerprint.Mark;
import io.denywatch.tail.TailState.SavedFile;
import java.util.ArrayList;
import java.util.List;

/** The places in a file where reading stood each time when that was saved for good. Confined to the ingest thread. */
final class ReadPlaces {
    private List<Mark> places = List.of(); // the latest last
    /** The same, if what was saved last turns out to be durable. */
    private List<Mark> saving = List.of();

    void clear() {
        restore(List.of());
    }

    void restore(List<Mark> saved) {
        places = saved;
        saving = saved;
    }

    /** These places and the present one, to be saved. */
    List<Mark> save(Fingerprint fingerprint, long offset) {
        saving = with(fingerprint, offset);
        return saving;
    }

    /** Says that what {@link #save} returned last is durable. */
    void saved() {
        places = saving;
    }

    /** These places and the present one. */
    List<Mark> with(Fingerprint fingerprint, long offset) {
        List<Mark> all = new ArrayList<>(places);
        if (all.isEmpty() || all.getLast().end() != offset) {
            all.add(fingerprint.lineEnd(offset));
        }
        return all.subList(Math.max(0, all.size() - SavedFile.MARKS_MAX), all.size());
    }
}
