package io.denywatch.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.web.Certificates;
import io.denywatch.web.WebConfigFile;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server with a web configuration file, over real sockets. */
@Timeout(120)
class WebConfigTest {
    private static final String SECRET = "$2y$04$WXe3Y7ixeolziHVO4Ejc/.pzRJhmGuQhiR0HjbXu5xjuUYGL4Weoq";

    @TempDir
    static Path directory;

    private static Certificates certificates;
    private final Path file = directory.resolve("web.yml");

    @BeforeAll
    static void make() throws Exception {
        certificates = new Certificates(directory);
        certificates.authority("ca");
        certificates.authority("stranger-ca");
        certificates.signed("server", "ca", "-ext", "san=ip:127.0.0.1");
        certificates.signed("expired-server", "ca", "-ext", "san=ip:127.0.0.1", "-startdate", "-10d", "-validity", "5");
        certificates.signed("prometheus", "ca", "-ext", "san=dns:prometheus.example");
        certificates.signed(
                "expired", "ca", "-ext", "san=dns:prometheus.example", "-startdate", "-10d", "-validity", "5");
        certificates.signed("stranger", "stranger-ca", "-ext", "san=dns:prometheus.example");
    }

    @Test
    void encryptsWhatIsAskedForOverTls() throws Exception {
        write("""
                tls_server_config: {cert_file: server.crt, key_file: server.key, min_version: TLS13}
                http_server_config: {headers: {Strict-Transport-Security: max-age=1}}
                """);
        try (MetricsServer server = start();
                HttpClient client = client("ca", "")) {
            HttpResponse<String> response = get(client, server, "https", "/metrics", "");

            assertEquals(200, response.statusCode());
            assertEquals("TLSv1.3", response.sslSession().orElseThrow().getProtocol());
            assertEquals(
                    "max-age=1",
                    response.headers().firstValue("strict-transport-security").orElse(""));
            assertTrue(response.body().contains("denywatch_denied_packets_total"));
            assertThrows(IOException.class, () -> get(client, server, "http", "/metrics", ""));
            try (HttpClient other = client("stranger-ca", "")) {
                assertThrows(IOException.class, () -> get(other, server, "https", "/metrics", ""));
            }
            assertEquals(200, get(client, server, "https", "/livez", "").statusCode());
        }
    }

    @Test
    void aClientSeesThatACertificateHasExpired() throws Exception {
        write("tls_server_config: {cert_file: expired-server.crt, key_file: expired-server.key}\n");
        try (MetricsServer server = start();
                HttpClient client = client("ca", "")) {
            assertThrows(IOException.class, () -> get(client, server, "https", "/metrics", ""));
        }
    }

    @Test
    void takesTheClientCertificatesThatItIsToldTo() throws Exception {
        assertEquals("prometheus", accepted("client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt"));
        // The stranger shows no certificate to somebody who names another authority, and is nobody.
        assertEquals(
                "none prometheus stranger",
                accepted("client_auth_type: VerifyClientCertIfGiven, client_ca_file: ca.crt"));
        assertEquals("prometheus expired stranger", accepted("client_auth_type: RequireAnyClientCert"));
        assertEquals("none prometheus expired stranger", accepted("client_auth_type: RequestClientCert"));
        assertEquals("none prometheus expired stranger", accepted("client_auth_type: NoClientCert"));
        String names = "client_auth_type: RequireAndVerifyClientCert, client_ca_file: ca.crt, client_allowed_sans: ";
        assertEquals("prometheus", accepted(names + "[other.example, prometheus.example]"));
        assertEquals("", accepted(names + "[example, other.example]"));
    }

    private String accepted(String settings) throws Exception {
        write("tls_server_config: {cert_file: server.crt, key_file: server.key, " + settings + "}\n");
        try (MetricsServer server = start()) {
            return List.of("none", "prometheus", "expired", "stranger").stream()
                    .filter(name -> isAccepted(name.equals("none") ? "" : name, server))
                    .collect(Collectors.joining(" "));
        }
    }

    private static boolean isAccepted(String name, MetricsServer server) {
        try (HttpClient client = client("ca", name)) {
            return get(client, server, "https", "/livez", "").statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void answersUsersAndNobodyElse() throws Exception {
        write("basic_auth_users: {alice: " + SECRET + "}\n");
        try (MetricsServer server = start();
                HttpClient client = HttpClient.newHttpClient()) {
            for (int again = 0; again < 2; again++) {
                assertEquals(401, get(client, server, "http", "/metrics", "").statusCode());
                assertEquals(
                        401,
                        get(client, server, "http", "/metrics", "alice:wrong").statusCode());
                assertEquals(
                        401,
                        get(client, server, "http", "/livez", "carol:secret").statusCode());
                assertEquals(
                        200,
                        get(client, server, "http", "/metrics", "alice:secret").statusCode());
            }
            HttpResponse<String> refused = get(client, server, "http", "/api/v1/nlbs", "");
            assertEquals("Unauthorized\n", refused.body());
            assertTrue(
                    refused.headers().firstValue("www-authenticate").orElse("").startsWith("Basic "));
        }
    }

    @Test
    void goesOnWithTheLastGoodFile() throws Exception {
        write("basic_auth_users: {alice: " + SECRET + "}\n");
        try (MetricsServer server = start();
                HttpClient client = HttpClient.newHttpClient()) {
            assertEquals(
                    200, get(client, server, "http", "/livez", "alice:secret").statusCode());
            write("basic_auth_users: {bob: " + SECRET + "}\n");
            until(200, client, server, "bob:secret");
            assertEquals(
                    401, get(client, server, "http", "/livez", "alice:secret").statusCode());
            for (String broken : List.of("basic_auth_users: {bob: hunter2}\n", "[\n", "", "tls_server_config: {}\n")) {
                if (broken.isEmpty()) {
                    Files.delete(file);
                } else {
                    write(broken);
                }
                assertEquals(
                        200, get(client, server, "http", "/livez", "bob:secret").statusCode(), broken);
            }
            write("basic_auth_users: {carol: " + SECRET + "}\n");
            until(200, client, server, "carol:secret");
            assertEquals(
                    401, get(client, server, "http", "/livez", "bob:secret").statusCode());
        }
    }

    @Test
    void limitsTheRate() throws Exception {
        write("rate_limit: {interval: 1h, burst: 2}\n");
        try (MetricsServer server = start();
                HttpClient client = HttpClient.newHttpClient()) {
            assertEquals(200, get(client, server, "http", "/metrics", "").statusCode());
            assertEquals(200, get(client, server, "http", "/livez", "").statusCode());
            assertEquals(429, get(client, server, "http", "/metrics", "").statusCode());
        }
    }

    @Test
    void closesAConnectionThatNeverAgreesOnKeys() throws Exception {
        write("tls_server_config: {cert_file: server.crt, key_file: server.key}\n");
        try (MetricsServer server = start();
                Socket mute = new Socket(
                        InetAddress.getLoopbackAddress(), server.address().getPort())) {
            mute.setSoTimeout(60_000);
            assertEquals(-1, mute.getInputStream().read());
        }
    }

    private static void until(int status, HttpClient client, MetricsServer server, String login) throws Exception {
        int last;
        do {
            last = get(client, server, "http", "/livez", login).statusCode();
        } while (last != status);
    }

    private void write(String text) throws IOException {
        Path written = directory.resolve("web.new");
        Files.writeString(written, text);
        Files.move(written, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private MetricsServer start() throws Exception {
        ExpositionSettings settings = new ExpositionSettings(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
                List.of(),
                Optional.of(WebConfigFile.open(file)),
                "worker-1",
                "1.2.3",
                "0123abc");
        return MetricsServer.start(
                settings,
                Snapshots.published(Snapshots.busy()),
                InstantSource.fixed(Instant.ofEpochMilli(Snapshots.TAKEN_AT_MILLIS + 1)));
    }

    private static HttpClient client(String authority, String name) throws Exception {
        return HttpClient.newBuilder()
                .sslContext(certificates.client(authority, name))
                .build();
    }

    private static HttpResponse<String> get(
            HttpClient client, MetricsServer server, String scheme, String target, String login) throws Exception {
        URI uri = URI.create(scheme + "://127.0.0.1:" + server.address().getPort() + target);
        HttpRequest.Builder request = HttpRequest.newBuilder(uri);
        if (!login.isEmpty()) {
            request.header(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(login.getBytes(StandardCharsets.UTF_8)));
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }
}
