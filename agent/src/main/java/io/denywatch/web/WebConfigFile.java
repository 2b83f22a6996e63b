package io.denywatch.web;

import io.denywatch.process.LogOnce;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * A web configuration file that is reloaded when it, or a file that it names, changes. If the new contents are invalid,
 * the last valid configuration stays in use. Confined to the event loop once it is open.
 */
public final class WebConfigFile {
    private static final System.Logger LOG = System.getLogger(WebConfigFile.class.getName());
    private static final long LOOK_NANOS = 1_000_000_000;

    private final Path file;
    private WebConfig config;
    private List<String> state;
    private long lookedAtNanos;
    private boolean looked;
    private final LogOnce reading = new LogOnce(LOG, "");

    private WebConfigFile(Path file, WebConfig config, List<String> state) {
        this.file = file;
        this.config = config;
        this.state = state;
    }

    /** Reads a file, which must be valid. */
    public static WebConfigFile open(Path file) throws WebConfigException {
        List<String> state = state(WebConfigReader.read(file).files());
        return new WebConfigFile(file, WebConfigReader.read(file), state);
    }

    /** Whether connections are encrypted; this never changes. */
    public boolean encrypts() {
        return config.tls().isPresent();
    }

    /** The current configuration; checks for changes at most once a second. */
    public WebConfig current(long nanos) {
        if (!looked || nanos - lookedAtNanos >= LOOK_NANOS) {
            looked = true;
            lookedAtNanos = nanos;
            List<String> now = state(config.files());
            if (reading.isFailing() || !now.equals(state)) {
                readAgain(now);
            }
        }
        return config;
    }

    private void readAgain(List<String> now) {
        try {
            WebConfig read = WebConfigReader.read(file);
            if (read.tls().isPresent() != encrypts()) {
                throw new WebConfigException("tls_server_config cannot be added or removed while the agent runs");
            }
            // The state before reading, so that a change during the reading is noticed.
            state = read.files().equals(config.files()) ? now : state(read.files());
            config = read;
            reading.worked();
            LOG.log(Level.INFO, "{0}: reloaded", file);
        } catch (WebConfigException e) {
            reading.failed(file + ": " + e.getMessage(), "; the last valid configuration stays in use");
        }
    }

    /** Identity, time and size of the files; a write changes at least one of them. */
    private static List<String> state(List<Path> files) {
        List<String> state = new ArrayList<>();
        for (Path path : files) {
            try {
                BasicFileAttributes is = Files.readAttributes(path, BasicFileAttributes.class);
                state.add(path + " " + is.fileKey() + " " + is.lastModifiedTime() + " " + is.size());
            } catch (IOException e) {
                state.add(path + " " + e.getClass());
            }
        }
        return state;
    }
}
