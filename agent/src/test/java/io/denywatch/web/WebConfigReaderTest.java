package io.denywatch.web;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.denywatch.delivery.Documents;
import io.denywatch.process.TokenBucket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class WebConfigReaderTest {
    private static final String HASH = "$2y$04$WXe3Y7ixeolziHVO4Ejc/.pzRJhmGuQhiR0HjbXu5xjuUYGL4Weoq"; // of "secret"
    private static final String SERVER = "tls_server_config: {cert_file: server.crt, key_file: server.key";

    @TempDir
    static Path directory;

    @BeforeAll
    static void certificates() throws Exception {
        Certificates certificates = new Certificates(directory);
        certificates.authority("server");
        certificates.authority("other");
        certificates.authority("tls");
        certificates.authority("ca");
        Files.writeString(directory.resolve("junk.pem"), "junk\n");
    }

    @Test
    void readsEverythingThatTheFormatHas() throws Exception {
        WebConfig config = read("""
                tls_server_config:
                  cert_file: server.crt
                  key_file: server.key
                  client_auth_type: RequireAndVerifyClientCert
                  client_ca_file: other.crt
                  client_allowed_sans: [prometheus.example]
                  min_version: TLS12
                  max_version: TLS13
                  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]
                  prefer_server_cipher_suites: false
                  curve_preferences: [CurveP256, X25519]
                http_server_config:
                  http2: false
                  headers:
                    Strict-Transport-Security: max-age=31536000
                    X-Frame-Options: deny
                basic_auth_users:
                  alice: %s
                rate_limit:
                  interval: 1s
                  burst: 20
                """.formatted(HASH));

        assertTrue(config.tls().isPresent());
        assertEquals("max-age=31536000", config.headers().get("Strict-Transport-Security"));
        assertEquals(2, config.headers().size());
        assertFalse(config.users().isEmpty());
        assertTrue(config.users().check(new Users.Login("alice", "secret")));
        assertEquals(
                List.of("web.yml", "server.crt", "server.key", "other.crt"),
                config.files().stream()
                        .map(file -> file.getFileName().toString())
                        .toList());
    }

    @Test
    void readsTheExampleOfTheReference() throws Exception {
        WebConfig config = read(Documents.blocks(List.of(Documents.HTTP), "yml").getFirst());

        assertTrue(config.tls().isPresent());
        assertFalse(config.users().isEmpty());
        assertTrue(config.rateLimit().take(0));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "# nothing\n", "basic_auth_users:\n", "tls_server_config:\nrate_limit: {}\n"})
    void asksForNothingWhereNothingIsSaid(String text) throws Exception {
        WebConfig config = read(text);

        assertTrue(config.tls().isEmpty());
        assertTrue(config.users().isEmpty());
        assertTrue(config.headers().isEmpty());
        assertTrue(config.rateLimit().take(0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            [                                                   | line 1 is not YAML
            a: 1                                                | a: unknown key
            - a                                                 | it is not a mapping
            tls_server_config: {cert: x}                        | tls_server_config.cert: not a valid certificate in PEM
            tls_server_config: {key_file: server.key}           | tls_server_config.cert_file is missing
            tls_server_config: {cert_file: server.crt}          | tls_server_config.key_file is missing
            tls_server_config: {cert_file: none.crt, key_file: server.key} | none.crt does not exist
            tls_server_config: {cert_file: junk.pem, key_file: server.key} | tls_server_config.cert_file
            tls_server_config: {cert_file: server.crt, key_file: junk.pem} | tls_server_config.key_file: contains no private
            tls_server_config: {cert_file: server.crt, key_file: other.key} | the key does not belong to the certificate
            tls_server_config: {cert_file: server.crt, cert: x, key_file: server.key} | are both given
            SERVER, min_version: TLS10}                         | min_version: "TLS10" is not allowed; allowed: TLS12, TLS13
            SERVER, min_version: TLS13, max_version: TLS12}     | max_version: "TLS12" is not allowed
            SERVER, cipher_suites: [TLS_RSA_WITH_RC4_128_SHA]}  | TLS_RSA_WITH_RC4_128_SHA is not supported; allowed:
            SERVER, curve_preferences: [X25519MLKEM768]}        | allowed: X25519, CurveP256, CurveP384, CurveP521
            SERVER, client_auth_type: Always}                   | allowed: NoClientCert, RequestClientCert
            SERVER, client_auth_type: RequireAndVerifyClientCert} | needs client_ca_file
            SERVER, client_ca_file: other.crt}                  | needs a client_auth_type
            SERVER, client_allowed_sans: [a]}                   | client_allowed_sans needs client_auth_type
            SERVER, prefer_server_cipher_suites: maybe}         | allowed: true or false
            SERVER, ca_file: x}                                 | ca_file: unknown key
            http_server_config: {http2: true}                   | http2: true is not allowed; allowed: false
            http_server_config: {headers: {X-Other: a}}         | X-Other: unknown key
            basic_auth_users: [a]                               | basic_auth_users is not a mapping
            basic_auth_users: {a: hunter2}                      | basic_auth_users.a is not allowed
            rate_limit: {interval: soon, burst: 1}              | rate_limit.interval: "soon" is not allowed
            rate_limit: {interval: 1s}                          | rate_limit.burst: 0 is not allowed
            rate_limit: {interval: 1s, burst: -1}               | rate_limit.burst: -1 is not allowed
            """)
    void saysWhatCannotBeUsed(String text, String problem) {
        String message = String.valueOf(assertThrows(
                        WebConfigException.class, () -> read(text.replaceFirst("^SERVER", SERVER.replace("$", "\\$"))))
                .getMessage());

        assertTrue(message.contains(problem), message);
        assertFalse(message.contains("hunter2"), message);
        assertFalse(message.contains("\n"), message);
    }

    @Test
    void readsEveryFormOfPrivateKeys() throws Exception {
        String openssl = "/usr/bin/openssl";
        assumeTrue(Files.isExecutable(Path.of(openssl)));
        List<List<String>> forms = List.of(
                List.of("genrsa", "-traditional", "-out", "k.pem", "2048"),
                List.of("genrsa", "-out", "k.pem", "2048"),
                List.of("ecparam", "-name", "prime256v1", "-genkey", "-out", "k.pem"),
                List.of("ecparam", "-name", "secp384r1", "-genkey", "-noout", "-out", "k.pem"),
                List.of("ecparam", "-name", "secp521r1", "-genkey", "-noout", "-out", "k.pem"),
                List.of("genpkey", "-algorithm", "ed25519", "-out", "k.pem"));
        for (List<String> form : forms) {
            Path key = directory.resolve("k.pem");
            List<String> command = new ArrayList<>(List.of(openssl));
            command.addAll(form);
            command.replaceAll(word -> word.equals("k.pem") ? key.toString() : word);
            Certificates.run(command);
            Path certificate = directory.resolve("k.crt");
            Certificates.run(List.of(
                    openssl, "req", "-x509", "-key", key.toString(), "-subj", "/CN=k", "-out", certificate.toString()));

            assertTrue(
                    read("tls_server_config: {cert_file: k.crt, key_file: k.pem}")
                            .tls()
                            .isPresent(),
                    form::toString);
        }
    }

    @Test
    void limitsTheRateOverAnySpan() {
        TokenBucket limit = new TokenBucket(3, 1_000);
        int taken = 0;
        for (long nanos = -50_000; nanos < 50_000; nanos += 100) {
            taken += limit.take(nanos) ? 1 : 0;
        }
        assertEquals(3 + 99, taken);
        assertTrue(limit.take(60_000));
    }

    @Test
    void knowsUsersByTheirPasswordsAlone() throws Exception {
        Users users = read("basic_auth_users: {alice: '" + HASH + "', bob: '" + HASH.replace("$2y", "$2a") + "'}")
                .users();

        assertTrue(users.check(users.login("Basic YWxpY2U6c2VjcmV0").orElseThrow()));
        assertTrue(users.check(new Users.Login("bob", "secret")));
        assertFalse(users.check(new Users.Login("alice", "secret ")));
        assertFalse(users.check(new Users.Login("carol", "secret")));
        assertFalse(users.check(new Users.Login("alice", "x".repeat(2_000))));
        for (String header : List.of("", "Basic", "Basic !", "Bearer YWxpY2U6c2VjcmV0", "Basic YWxpY2U=")) {
            assertTrue(users.login(header).isEmpty(), header);
        }
    }

    private static WebConfig read(String text) throws Exception {
        Path file = directory.resolve("web.yml");
        Files.writeString(file, text);
        return WebConfigReader.read(file);
    }
}
