package io.denywatch.feed;

import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import io.denywatch.process.Spans;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The options of {@code feed sync}. */
final class SyncOptions {
    private static final int WIDEST4_MIN = 8;
    private static final int WIDEST4_MAX = 32;
    private static final int WIDEST6_MIN = 16;
    private static final int WIDEST6_MAX = 128;

    /** Where the list comes from. */
    static final class ListPlace {
        @Option(names = "--url", paramLabel = "URL", description = "Reads the list from a web server.")
        private @Nullable String url;

        @Option(names = "--file", paramLabel = "FILE", description = "Reads the list from a file; - is standard input.")
        private @Nullable String file;
    }

    @ArgGroup(multiplicity = "1")
    private ListPlace origin = new ListPlace();

    @Option(
            names = "--json-field",
            paramLabel = "NAME",
            description = "Reads JSON and takes the texts in fields of this name.")
    private @Nullable String jsonField;

    @Option(names = "--proxy", paramLabel = "URL", description = "Uses this proxy, as in http://192.0.2.1:3128.")
    private @Nullable String proxy;

    @Option(
            names = "--ca-file",
            paramLabel = "FILE",
            description = "Trusts these certificates (PEM) in place of the usual ones.")
    private @Nullable Path caFile;

    @Option(
            names = "--timeout",
            paramLabel = "SPAN",
            description = "How long the list may take to arrive (default: 60s).")
    private @Nullable String timeout;

    @Option(
            names = "--widest",
            paramLabel = "BITS",
            defaultValue = "16",
            description = "Shortest prefix of an IPv4 entry (default: ${DEFAULT-VALUE}).")
    private int widest4;

    @Option(
            names = "--widest6",
            paramLabel = "BITS",
            defaultValue = "32",
            description = "Shortest prefix of an IPv6 entry (default: ${DEFAULT-VALUE}).")
    private int widest6;

    @Option(
            names = "--force",
            description = "Accepts the list even if it is more than twice or less than half as long as the last one.")
    private boolean force;

    @Option(names = "--dry-run", description = "Prints what would change, and changes nothing.")
    private boolean dryRun;

    /** The rules for the list, after all options were checked. */
    AcceptanceRules rules() {
        checkRange("--widest", widest4, WIDEST4_MIN, WIDEST4_MAX);
        checkRange("--widest6", widest6, WIDEST6_MIN, WIDEST6_MAX);
        return new AcceptanceRules(widest4, widest6, force);
    }

    private static void checkRange(String option, int value, int min, int max) {
        if (value < min || value > max) {
            throw CommandFailure.usage(option + ": " + value + " is not allowed; allowed: " + min + " to " + max);
        }
    }

    FeedInput source(ProcessContext world) {
        if (origin.file != null) {
            return new FeedInput.FromFile(world, origin.file);
        }
        return new FeedInput.FromWeb(
                url("--url", String.valueOf(origin.url), "https"),
                Optional.ofNullable(proxy).map(SyncOptions::proxy),
                Optional.ofNullable(caFile),
                timeLimit());
    }

    Optional<String> jsonField() {
        return Optional.ofNullable(jsonField);
    }

    boolean isDryRun() {
        return dryRun;
    }

    private Duration timeLimit() {
        if (timeout == null) {
            return FeedLimits.DOWNLOAD_MAX;
        }
        return Spans.parse(timeout)
                .filter(Duration::isPositive)
                .orElseThrow(() -> CommandFailure.usage(
                        "--timeout: \"" + timeout + "\" is not allowed; allowed: " + Spans.ALLOWED + ", from 1s"));
    }

    private static URI url(String option, String text, String otherScheme) {
        try {
            URI url = URI.create(text);
            boolean known = "http".equals(url.getScheme()) || otherScheme.equals(url.getScheme());
            if (known && url.getHost() != null) {
                return url;
            }
        } catch (IllegalArgumentException e) {
            // not a URL
        }
        // The text may contain a password.
        throw CommandFailure.usage(option + ": this is not allowed; allowed: a URL that begins with http://"
                + (otherScheme.equals("http") ? "" : " or https://") + " and contains a host");
    }

    private static InetSocketAddress proxy(String text) {
        URI url = url("--proxy", text, "http");
        if (url.getPort() < 1 || url.getUserInfo() != null) {
            throw CommandFailure.usage("--proxy: this is not allowed; allowed: http://HOST:PORT, without a user");
        }
        return new InetSocketAddress(url.getHost(), url.getPort());
    }
}
