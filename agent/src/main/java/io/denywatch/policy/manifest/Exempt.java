package io.denywatch.policy.manifest;

import io.denywatch.ip.IpPrefix;
import java.util.List;

/**
 * Sources that the blocklist's policy lets pass, whatever the network sets hold.
 *
 * @param always nothing narrows these
 * @param special private and special ranges
 * @param mayBlock parts of {@code special} that may be blocked all the same
 */
public record Exempt(List<IpPrefix> always, List<IpPrefix> special, List<IpPrefix> mayBlock) {
    /** No source. */
    public static final Exempt NONE = new Exempt(List.of(), List.of(), List.of());

    /** Copies the lists. */
    public Exempt {
        always = List.copyOf(always);
        special = List.copyOf(special);
        mayBlock = List.copyOf(mayBlock);
    }
}
