package io.denywatch.web;

import at.favre.lib.crypto.bcrypt.BCrypt;
import at.favre.lib.crypto.bcrypt.LongPasswordStrategies;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * Users and the bcrypt hashes of their passwords. Checking a hash takes tens of milliseconds by design, so results are
 * cached, under a keyed digest of user and password. The cache is confined to the event loop; any thread may check a
 * hash.
 */
public final class Users {
    private static final Pattern BASIC = Pattern.compile("(?i)basic +([A-Za-z0-9+/=]+) *");
    /** The hash checked for unknown users, so that a quick response does not reveal that a user does not exist. */
    private static final String NOBODY = "$2b$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi";

    /** Maximum number of valid logins that are remembered, and of invalid ones. */
    private static final int REMEMBERED_MAX = 256;

    private final Map<String, String> hashes;
    private final String nobody;
    private final byte[] secret = new byte[32];
    private final Map<String, Boolean> accepted = new Remembered();
    private final Map<String, Boolean> refused =
            new Remembered(); // separate, so that guesses cannot displace valid logins

    Users(Map<String, String> hashes) {
        this.hashes = Map.copyOf(hashes);
        nobody = hashes.values().stream()
                .max(Comparator.comparing(hash -> hash.substring(4, 6)))
                .map(hash -> "$2b$" + hash.substring(4, 7) + NOBODY.substring(7))
                .orElse(NOBODY);
        new SecureRandom().nextBytes(secret);
    }

    /** Whether a text is a hash that can be checked. */
    static boolean isHash(String text) {
        return text.matches("\\$2[abxy]\\$(0[4-9]|[12][0-9]|3[01])\\$[./A-Za-z0-9]{53}");
    }

    /** Whether there are no users. */
    public boolean isEmpty() {
        return hashes.isEmpty();
    }

    /** Reads an {@code Authorization} header (RFC 7617); empty if it contains no user and password. */
    public Optional<Login> login(@Nullable String authorization) {
        Matcher basic = BASIC.matcher(authorization == null ? "" : authorization);
        if (!basic.matches()) {
            return Optional.empty();
        }
        try {
            String text = new String(Base64.getDecoder().decode(basic.group(1)), StandardCharsets.UTF_8);
            int colon = text.indexOf(':');
            return colon < 0
                    ? Optional.empty()
                    : Optional.of(new Login(text.substring(0, colon), text.substring(colon + 1)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The cached result for a login; empty if there is none. Confined to the event loop. */
    public Optional<Boolean> remembered(Login login) {
        String digest = digest(login);
        return accepted.containsKey(digest)
                ? Optional.of(true)
                : refused.containsKey(digest) ? Optional.of(false) : Optional.empty();
    }

    /** Caches the result for a login. Confined to the event loop. */
    public void remember(Login login, boolean good) {
        (good ? accepted : refused).put(digest(login), good);
    }

    /** Whether a user with this name and password exists. Slow; any thread may call it. */
    public boolean check(Login login) {
        String hash = hashes.get(login.user());
        boolean verified = BCrypt.verifyer(
                        BCrypt.Version.VERSION_2B, LongPasswordStrategies.truncate(BCrypt.Version.VERSION_2B))
                .verify(
                        login.password().getBytes(StandardCharsets.UTF_8),
                        (hash == null ? nobody : hash).getBytes(StandardCharsets.US_ASCII))
                .verified;
        return verified && hash != null;
    }

    private String digest(Login login) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret, "HmacSHA256"));
            mac.update(login.user().getBytes(StandardCharsets.UTF_8));
            mac.update((byte) 0);
            return HexFormat.of().formatHex(mac.doFinal(login.password().getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }

    private static final class Remembered extends LinkedHashMap<String, Boolean> {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED_MAX;
        }
    }

    /**
     * The user and password that a client sent.
     *
     * @param user its name
     * @param password its password
     */
    public record Login(String user, String password) {
        @Override
        public String toString() {
            return user; // never the password
        }
    }
}
