package io.denywatch.command;

import io.denywatch.denial.Destinations;
import io.denywatch.denial.LoadBalancer;
import io.denywatch.ip.IpPrefix;
import io.denywatch.tail.FileTail;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.ZoneId;
import java.util.List;

/**
 * What the operator decided, checked.
 *
 * @param node this node's name
 * @param source where lines come from
 * @param prefixes starts of the log prefixes that mark a denied packet
 * @param loadBalancers whom denials are counted for
 * @param sources how denied sources are counted
 * @param listen where metrics are served; port 0 for any free one
 * @param neverBlock sources that are never blocked
 * @param checkpointDirectory where counters will survive a restart
 */
record Configuration(
        String node,
        Source source,
        List<String> prefixes,
        LoadBalancers loadBalancers,
        Sources sources,
        InetSocketAddress listen,
        List<IpPrefix> neverBlock,
        Path checkpointDirectory) {

    /** Copies the lists. */
    Configuration {
        prefixes = List.copyOf(prefixes);
        neverBlock = List.copyOf(neverBlock);
    }

    /**
     * Where lines come from.
     *
     * @param kind of the source
     * @param path of the log, where it is a file
     * @param startAt where to begin in the log that is there at start
     * @param zone of time stamps that have none, at first
     * @param learnZone whether live lines may correct the zone
     */
    record Source(SourceKind kind, Path path, FileTail.Start startAt, ZoneId zone, boolean learnZone) {}

    /**
     * Whom denials are counted for.
     *
     * @param any whether each destination is taken for a load balancer
     * @param known those that the configuration names
     * @param max the most that are told apart
     */
    record LoadBalancers(boolean any, List<LoadBalancer> known, int max) {
        /** What a table takes for a load balancer. */
        Destinations destinations() {
            return any ? Destinations.ANY : Destinations.CONFIGURED;
        }

        /** Copies the list and checks that it fits. */
        LoadBalancers {
            known = List.copyOf(known);
            if (known.size() > max) {
                throw CommandFailure.usage(Setting.LOAD_BALANCERS_STATIC.key() + ": " + known.size()
                        + " load balancers are not allowed; allowed: as many as " + Setting.LOAD_BALANCERS_MAX.key()
                        + ", which is " + max);
            }
        }
    }

    /**
     * How denied sources are counted.
     *
     * @param trackedPerLoadBalancer held in memory for each load balancer
     * @param exportedPerLoadBalancer of them, exported
     * @param ipv6PrefixLength bits of an IPv6 address that tell sources apart
     */
    record Sources(int trackedPerLoadBalancer, int exportedPerLoadBalancer, int ipv6PrefixLength) {
        /** Checks that no more are exported than tracked. */
        Sources {
            if (exportedPerLoadBalancer > trackedPerLoadBalancer) {
                throw CommandFailure.usage(Setting.SOURCES_EXPORTED.key() + ": " + exportedPerLoadBalancer
                        + " is not allowed; allowed: at most " + Setting.SOURCES_TRACKED.key() + ", which is "
                        + trackedPerLoadBalancer);
            }
        }
    }
}
