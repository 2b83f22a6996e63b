package io.denywatch.web;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Decides which client certificates to trust: those of given authorities, or any; optionally only with certain names.
 */
final class ClientTrust extends X509ExtendedTrustManager {
    private final @Nullable X509TrustManager authorities;
    private final Set<String> allowedNames;

    private ClientTrust(@Nullable X509TrustManager authorities, Set<String> allowedNames) {
        this.authorities = authorities;
        this.allowedNames = allowedNames;
    }

    /**
     * Creates a trust manager.
     *
     * @param authorities trusted authorities; if there are none, any certificate is trusted
     * @param allowedNames subject alternative names, one of which a certificate must have; empty for any
     */
    static ClientTrust of(Collection<X509Certificate> authorities, Collection<String> allowedNames)
            throws GeneralSecurityException {
        if (authorities.isEmpty()) {
            return new ClientTrust(null, Set.copyOf(allowedNames));
        }
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new GeneralSecurityException(e); // cannot happen, because nothing is read
        }
        int number = 0;
        for (X509Certificate authority : authorities) {
            store.setCertificateEntry("client-ca-" + number++, authority);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509TrustManager trusting) {
                return new ClientTrust(trusting, Set.copyOf(allowedNames));
            }
        }
        throw new GeneralSecurityException("no trust manager for certificates");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        if (authorities != null) {
            authorities.checkClientTrusted(chain, authType);
        }
        if (!allowedNames.isEmpty() && names(chain[0]).noneMatch(allowedNames::contains)) {
            throw new CertificateException("no subject alternative name of the client certificate is allowed");
        }
    }

    /** DNS, IP, e-mail and URI names. */
    private static Stream<String> names(X509Certificate certificate) throws CertificateParsingException {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        return names == null ? Stream.empty() : names.stream().map(name -> String.valueOf(name.get(1)));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkClientTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("a server does not verify servers");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        checkServerTrusted(chain, authType);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return authorities == null ? new X509Certificate[0] : authorities.getAcceptedIssuers();
    }
}
