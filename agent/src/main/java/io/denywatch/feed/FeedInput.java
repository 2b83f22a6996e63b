package io.denywatch.feed;

import static java.net.HttpURLConnection.HTTP_OK;

import io.denywatch.process.LogInput;
import io.denywatch.process.ProcessContext;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Base64;
import java.util.Collection;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Where a list comes from. Any program may answer there, so size, total time and redirects are limited. Confined to one
 * thread.
 */
sealed interface FeedInput {
    /** The name of standard input. */
    String STDIN = "-";

    /** The list could not be read; the message says why in one line. */
    final class UnreadableFeed extends Exception {
        private static final long serialVersionUID = 1L;

        UnreadableFeed(String message) {
            super(message);
        }
    }

    /** The source without credentials, for people. */
    String name();

    /** The whole list, decompressed if it is gzip. */
    byte[] read() throws UnreadableFeed;

    private static byte[] limited(InputStream raw) throws IOException, UnreadableFeed {
        byte[] bytes = LogInput.decoded(raw).readNBytes(FeedLimits.BYTES_MAX + 1);
        if (bytes.length > FeedLimits.BYTES_MAX) {
            throw tooLong();
        }
        return bytes;
    }

    private static UnreadableFeed tooLong() {
        return new UnreadableFeed("the list has more than " + FeedLimits.BYTES_MAX + " bytes, which is the limit");
    }

    /**
     * A file, or standard input.
     *
     * @param path of the file, or {@link #STDIN}
     */
    record FromFile(ProcessContext world, String path) implements FeedInput {
        @Override
        public String name() {
            return path.equals(STDIN) ? "standard input" : path;
        }

        @Override
        public byte[] read() throws UnreadableFeed {
            try {
                if (path.equals(STDIN)) {
                    return limited(world.in());
                }
                try (InputStream in = Files.newInputStream(Path.of(path))) {
                    return limited(in);
                }
            } catch (IOException e) {
                throw new UnreadableFeed(LogInput.failure(Path.of(path), e).line());
            }
        }
    }

    /**
     * A web server. A redirect may lead to https only, and takes no credentials to another host.
     *
     * @param url http or https, with a host
     * @param proxy for all requests, if there is one
     * @param caFile certificates in PEM to trust in place of the usual ones, if given
     * @param timeLimit for the whole list
     */
    record FromWeb(URI url, Optional<InetSocketAddress> proxy, Optional<Path> caFile, Duration timeLimit)
            implements FeedInput {
        private static final int REDIRECT_FIRST = 300;
        private static final int REDIRECT_LAST = 399;

        @Override
        public String name() {
            // A query may contain a key.
            String port = url.getPort() < 0 ? "" : ":" + url.getPort();
            return url.getScheme() + "://" + url.getHost() + port
                    + Optional.ofNullable(url.getRawPath()).orElse("");
        }

        @Override
        public byte[] read() throws UnreadableFeed {
            HttpClient.Builder builder = HttpClient.newBuilder()
                    .connectTimeout(timeLimit)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .version(HttpClient.Version.HTTP_1_1);
            proxy.ifPresent(address -> builder.proxy(ProxySelector.of(address)));
            if (caFile.isPresent()) {
                builder.sslContext(trusting(caFile.get()));
            }
            try (HttpClient client = builder.build()) {
                byte[] body = get(client);
                client.shutdownNow();
                return limited(new ByteArrayInputStream(body));
            } catch (IOException e) {
                throw new UnreadableFeed(name() + ": the answer has damaged gzip data");
            }
        }

        private byte[] get(HttpClient client) throws UnreadableFeed {
            URI at = url;
            for (int redirects = 0; redirects <= FeedLimits.REDIRECTS_MAX; redirects++) {
                HttpResponse<byte[]> response = send(client, at);
                int status = response.statusCode();
                if (status == HTTP_OK) {
                    return response.body();
                }
                if (status < REDIRECT_FIRST || status > REDIRECT_LAST) {
                    throw new UnreadableFeed(name() + ": it answers " + status);
                }
                at = target(at, response.headers().firstValue("Location").orElse(""));
            }
            throw new UnreadableFeed(name() + ": it redirects more than " + FeedLimits.REDIRECTS_MAX + " times");
        }

        private URI target(URI from, String location) throws UnreadableFeed {
            try {
                URI to = from.resolve(location);
                if (!location.isEmpty() && "https".equals(to.getScheme()) && to.getHost() != null) {
                    return to;
                }
            } catch (IllegalArgumentException e) {
                // not a URL
            }
            // Without the target, which may repeat a key in the query.
            throw new UnreadableFeed(name() + ": it redirects to a URL that is not allowed; allowed: https URLs");
        }

        private HttpResponse<byte[]> send(HttpClient client, URI at) throws UnreadableFeed {
            HttpRequest.Builder request = HttpRequest.newBuilder(withoutUser(at));
            String user = url.getUserInfo();
            if (user != null && url.getHost().equals(at.getHost())) {
                request.header(
                        "Authorization",
                        "Basic " + Base64.getEncoder().encodeToString(user.getBytes(StandardCharsets.UTF_8)));
            }
            CompletableFuture<HttpResponse<byte[]>> answer = client.sendAsync(
                    request.build(), BodyHandlers.limiting(BodyHandlers.ofByteArray(), FeedLimits.BYTES_MAX));
            try {
                return answer.get(timeLimit.toNanos(), TimeUnit.NANOSECONDS);
            } catch (TimeoutException e) {
                throw new UnreadableFeed(name() + ": no complete answer within " + timeLimit.toSeconds() + " s");
            } catch (ExecutionException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                String said = Optional.ofNullable(cause.getMessage())
                        .orElse(cause.getClass().getSimpleName());
                throw new UnreadableFeed(name() + ": it cannot be read: " + said);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UnreadableFeed("interrupted");
            } finally {
                answer.cancel(true);
            }
        }

        private static URI withoutUser(URI at) {
            if (at.getRawUserInfo() == null) {
                return at;
            }
            return URI.create(at.toString().replaceFirst("//[^/@]*@", "//"));
        }

        private static SSLContext trusting(Path file) throws UnreadableFeed {
            try (InputStream in = Files.newInputStream(file)) {
                Collection<? extends Certificate> certificates =
                        CertificateFactory.getInstance("X.509").generateCertificates(in);
                KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
                store.load(null, null);
                int number = 0;
                for (Certificate certificate : certificates) {
                    store.setCertificateEntry("ca-" + number++, certificate);
                }
                if (number == 0) {
                    throw new UnreadableFeed("--ca-file: " + file + " contains no certificate; allowed: PEM");
                }
                TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                trust.init(store);
                SSLContext context = SSLContext.getInstance("TLS");
                context.init(null, trust.getTrustManagers(), null);
                return context;
            } catch (IOException e) {
                throw new UnreadableFeed(
                        "--ca-file: " + LogInput.failure(file, e).line());
            } catch (GeneralSecurityException e) {
                throw new UnreadableFeed("--ca-file: " + file + " is no certificate in PEM: " + e.getMessage());
            }
        }
    }
}
