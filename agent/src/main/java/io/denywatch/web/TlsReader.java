package io.denywatch.web;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import tools.jackson.databind.JsonNode;

/** Reads {@code tls_server_config}. */
final class TlsReader {
    private static final String NAME = "tls_server_config";
    private static final Set<String> KEYS = Set.of(
            "cert",
            "key",
            "client_ca",
            "cert_file",
            "key_file",
            "client_auth_type",
            "client_ca_file",
            "client_allowed_sans",
            "min_version",
            "max_version",
            "cipher_suites",
            "prefer_server_cipher_suites",
            "curve_preferences");
    private static final List<String> AUTH_TYPES = List.of(
            "NoClientCert",
            "RequestClientCert",
            "RequireAnyClientCert",
            "VerifyClientCertIfGiven",
            "RequireAndVerifyClientCert");
    /** Java knows the older versions but refuses them. */
    private static final List<String> VERSIONS = List.of("TLS12", "TLS13");

    private static final List<String> TLS13_SUITES =
            List.of("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256");
    private static final Map<String, String> CURVES = new LinkedHashMap<>();
    /** Maximum number of sessions remembered for resumption. */
    private static final int SESSIONS_MAX = 256;

    static {
        CURVES.put("X25519", "x25519");
        CURVES.put("CurveP256", "secp256r1");
        CURVES.put("CurveP384", "secp384r1");
        CURVES.put("CurveP521", "secp521r1");
    }

    private final WebConfigReader reader;
    private final JsonNode values;

    TlsReader(WebConfigReader reader, JsonNode values) {
        this.reader = reader;
        this.values = values;
    }

    ServerTls read() throws WebConfigException {
        ConfigSection tls = ConfigSection.of(NAME, values, KEYS);
        List<X509Certificate> chain = certificates(tls, "cert");
        String keyName = given(tls, "key");
        PrivateKey key;
        try {
            key = PrivateKeys.parse(pem(tls, "key").orElseThrow(() -> missing("key_file")));
            if (chain.isEmpty()) {
                throw missing("cert_file");
            }
            if (!PrivateKeys.belongTogether(key, chain.getFirst().getPublicKey())) {
                throw new WebConfigException(NAME + "." + keyName + ": the key does not belong to the certificate");
            }
        } catch (GeneralSecurityException e) {
            throw new WebConfigException(NAME + "." + keyName + ": " + e.getMessage());
        }
        SslContextBuilder builder = SslContextBuilder.forServer(key, chain)
                .sslProvider(SslProvider.JDK)
                .sessionCacheSize(SESSIONS_MAX)
                .protocols(versions(tls));
        List<String> suites = suites(tls);
        if (!suites.isEmpty()) {
            builder.ciphers(suites);
        }
        clients(tls, builder);
        try {
            return new ServerTls(builder.build(), tls.flag("prefer_server_cipher_suites", true), curves(tls));
        } catch (SSLException | IllegalArgumentException e) {
            throw new WebConfigException(NAME + ": " + e.getMessage());
        }
    }

    private static void clients(ConfigSection tls, SslContextBuilder builder, List<X509Certificate> authorities)
            throws WebConfigException, GeneralSecurityException {
        String type = tls.oneOf("client_auth_type", AUTH_TYPES.getFirst(), AUTH_TYPES);
        List<String> names = tls.list("client_allowed_sans");
        boolean verifies = type.contains("Verify");
        boolean requires = type.startsWith("Require");
        if (verifies && authorities.isEmpty()) {
            throw new WebConfigException(NAME + ".client_auth_type: " + type + " needs client_ca_file");
        }
        if (!authorities.isEmpty() && type.equals("NoClientCert")) {
            throw new WebConfigException(NAME + ".client_ca_file needs a client_auth_type");
        }
        if (!names.isEmpty() && !requires) {
            throw new WebConfigException(NAME
                    + ".client_allowed_sans needs client_auth_type RequireAnyClientCert or RequireAndVerifyClientCert");
        }
        if (!type.equals("NoClientCert")) {
            builder.clientAuth(requires ? ClientAuth.REQUIRE : ClientAuth.OPTIONAL)
                    .trustManager(ClientTrust.of(verifies ? authorities : List.of(), names));
        }
    }

    private void clients(ConfigSection tls, SslContextBuilder builder) throws WebConfigException {
        try {
            clients(tls, builder, certificates(tls, "client_ca"));
        } catch (GeneralSecurityException e) {
            throw new WebConfigException(NAME + ".client_ca_file: " + e.getMessage());
        }
    }

    private static List<String> versions(ConfigSection tls) throws WebConfigException {
        int min = VERSIONS.indexOf(tls.oneOf("min_version", "TLS12", VERSIONS));
        int max = VERSIONS.indexOf(tls.oneOf("max_version", "TLS13", VERSIONS));
        if (min > max) {
            throw tls.refuse("max_version", "at least min_version");
        }
        return VERSIONS.subList(min, max + 1).stream()
                .map(version -> "TLSv1." + version.charAt(version.length() - 1))
                .toList();
    }

    private static List<String> suites(ConfigSection tls) throws WebConfigException {
        List<String> given = tls.list("cipher_suites");
        if (given.isEmpty()) {
            return List.of();
        }
        List<String> supported;
        try {
            supported = Arrays.asList(
                    SSLContext.getDefault().getDefaultSSLParameters().getCipherSuites());
        } catch (GeneralSecurityException e) {
            throw new WebConfigException(NAME + ": " + e.getMessage());
        }
        List<String> suites =
                new ArrayList<>(TLS13_SUITES); // the setting does not affect TLS 1.3, as in other exporters
        for (String suite : given) {
            if (!supported.contains(suite)) {
                throw new WebConfigException(NAME + ".cipher_suites: " + suite + " is not supported; allowed: "
                        + String.join(", ", supported.stream().sorted().toList()));
            }
            if (!suites.contains(suite)) {
                suites.add(suite);
            }
        }
        return suites;
    }

    private static List<String> curves(ConfigSection tls) throws WebConfigException {
        List<String> curves = new ArrayList<>();
        for (String curve : tls.list("curve_preferences")) {
            String named = CURVES.get(curve);
            if (named == null) {
                throw new WebConfigException(NAME + ".curve_preferences: " + curve + " is not supported; allowed: "
                        + String.join(", ", CURVES.keySet()));
            }
            curves.add(named);
        }
        return curves;
    }

    private List<X509Certificate> certificates(ConfigSection tls, String key) throws WebConfigException {
        Optional<String> pem = pem(tls, key);
        if (pem.isEmpty()) {
            return List.of();
        }
        List<X509Certificate> certificates = new ArrayList<>();
        try {
            for (Certificate certificate : CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem.get().getBytes(StandardCharsets.UTF_8)))) {
                certificates.add((X509Certificate) certificate);
            }
        } catch (GeneralSecurityException e) {
            throw new WebConfigException(
                    NAME + "." + given(tls, key) + ": not a valid certificate in PEM: " + e.getMessage());
        }
        if (certificates.isEmpty()) {
            throw new WebConfigException(NAME + "." + given(tls, key) + ": contains no certificate in PEM");
        }
        return certificates;
    }

    /** A text given in the file itself, or in another file that it names. */
    private Optional<String> pem(ConfigSection tls, String key) throws WebConfigException {
        Optional<String> inline = tls.text(key);
        Optional<String> name = tls.text(key + "_file");
        if (inline.isPresent() && name.isPresent()) {
            throw new WebConfigException(NAME + ": " + key + " and " + key + "_file are both given; allowed: one");
        }
        if (name.isEmpty()) {
            return inline;
        }
        Path path = reader.resolve(name.get());
        try {
            return Optional.of(reader.contents(path));
        } catch (WebConfigException e) {
            throw new WebConfigException(NAME + "." + key + "_file: " + e.getMessage());
        }
    }

    private static String given(ConfigSection tls, String key) {
        return tls.has(key) ? key : key + "_file";
    }

    private static WebConfigException missing(String key) {
        return new WebConfigException(NAME + "." + key + " is missing");
    }
}
