package io.denywatch.felix;

import java.util.List;
import java.util.Map;

/**
 * A packet of a new connection, and what is true of it that objects do not tell.
 *
 * @param source 4 or 16 bytes
 * @param destination likewise
 * @param protocol by number
 * @param sourcePort 0 where the protocol has none
 * @param destinationPort likewise
 * @param icmpType for ICMP of either version
 * @param icmpCode likewise
 * @param sourcePods labels of pods at the source's address
 * @param destinationPods likewise
 * @param unknown decides what objects leave open, as which service has an address
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Packet(
        byte[] source,
        byte[] destination,
        int protocol,
        int sourcePort,
        int destinationPort,
        int icmpType,
        int icmpCode,
        List<Map<String, String>> sourcePods,
        List<Map<String, String>> destinationPods,
        long unknown) {
    static final List<Map<String, String>> PODS =
            List.of(pod("a", "1"), pod("a", "2"), pod("role", "public"), pod("role", "private"), pod("pcns.team", "x"));

    private static Map<String, String> pod(String label, String value) {
        return Map.of(
                label,
                value,
                "projectcalico.org/namespace",
                "shop",
                "projectcalico.org/serviceaccount",
                "default",
                "pcsa.app",
                "x");
    }

    int ipVersion() {
        return source.length == 4 ? 4 : 6;
    }

    /** The same answer to the same question about the packet. */
    boolean happens(String question) {
        return Long.bitCount(((unknown ^ question.hashCode() * 0x9e3779b97f4a7c15L) * 0xbf58476d1ce4e5b9L) >>> 40) % 2
                == 0;
    }
}
