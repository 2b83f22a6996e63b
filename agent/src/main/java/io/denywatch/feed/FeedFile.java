package io.denywatch.feed;

import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/** Reads a list from a file to be tried on old logs. Stateless. */
public final class FeedFile {
    private FeedFile() {}

    /** The addresses of a list; the command ends if it cannot be read or contains no address. */
    public static NetSet read(ProcessContext world, Path file, Optional<String> jsonField) {
        try {
            byte[] bytes = new FeedInput.FromFile(world, file.toString()).read();
            FeedList list = jsonField.isPresent() ? FeedReader.json(bytes, jsonField.get()) : FeedReader.text(bytes);
            if (list.nets().isEmpty()) {
                throw CommandFailure.failed("--feed: " + file + " contains no address");
            }
            return NetSet.union(list.nets(), 0, 0);
        } catch (FeedInput.UnreadableFeed e) {
            throw CommandFailure.failed("--feed: " + e.getMessage());
        } catch (JacksonException e) {
            throw CommandFailure.failed("--feed: " + file + " is not JSON: " + e.getOriginalMessage());
        }
    }
}
