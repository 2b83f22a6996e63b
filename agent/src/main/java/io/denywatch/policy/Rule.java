package io.denywatch.policy;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One rule of a policy: an action and its conditions.
 *
 * @param action what it does
 * @param protocol the protocol that packets must have
 * @param notProtocol the protocol that packets must not have
 * @param ipVersion 4 or 6; 0 for no condition
 * @param source conditions for the source
 * @param destination conditions for the destination
 * @param others other conditions as text, such as ICMP types and HTTP paths. Equal conditions must have equal texts
 */
public record Rule(
        Action action,
        @Nullable Protocol protocol,
        @Nullable Protocol notProtocol,
        int ipVersion,
        EntityMatch source,
        EntityMatch destination,
        List<String> others) {
    /** Checks the IP version and copies the list. */
    public Rule {
        if (ipVersion != 0 && ipVersion != 4 && ipVersion != 6) {
            throw new IllegalArgumentException("ipVersion " + ipVersion + " is not allowed; allowed: 4 and 6");
        }
        others = List.copyOf(others);
    }

    /** A rule without conditions. */
    public static Rule of(Action action) {
        return new Rule(action, null, null, 0, EntityMatch.ANY, EntityMatch.ANY, List.of());
    }

    /** The same with another action. */
    public Rule does(Action other) {
        return new Rule(other, protocol, notProtocol, ipVersion, source, destination, others);
    }

    /** The same for this protocol. */
    public Rule over(@Nullable Protocol other) {
        return new Rule(action, other, notProtocol, ipVersion, source, destination, others);
    }

    /** The same for this IP version. */
    public Rule ofVersion(int other) {
        return new Rule(action, protocol, notProtocol, other, source, destination, others);
    }

    /** The same for this source. */
    public Rule from(EntityMatch other) {
        return new Rule(action, protocol, notProtocol, ipVersion, other, destination, others);
    }

    /** The same for this destination. */
    public Rule to(EntityMatch other) {
        return new Rule(action, protocol, notProtocol, ipVersion, source, other, others);
    }

    /** The conditions for one side. */
    public EntityMatch at(Side side) {
        return side == Side.SOURCE ? source : destination;
    }
}
