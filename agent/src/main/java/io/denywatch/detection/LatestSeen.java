package io.denywatch.detection;

import io.denywatch.denial.Transport;
import io.denywatch.ip.Ip;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The latest ports and load balancers of each source, kept as evidence. Confined to the ingest thread. */
final class LatestSeen {
    static final int BYTES_PER_SOURCE =
            Evidence.PORTS_MAX * Integer.BYTES + Evidence.LOAD_BALANCERS_MAX * 2 * Long.BYTES;

    private static final Transport[] TRANSPORTS = Transport.values();
    private static final int PORT_BITS = Short.SIZE;

    // Source by source, the latest first; 0 for none.
    private int[] ports;
    private long[] highs;
    private long[] lows;

    LatestSeen(int sources) {
        ports = new int[sources * Evidence.PORTS_MAX];
        highs = new long[sources * Evidence.LOAD_BALANCERS_MAX];
        lows = new long[sources * Evidence.LOAD_BALANCERS_MAX];
    }

    void grow(int sources) {
        ports = Arrays.copyOf(ports, sources * Evidence.PORTS_MAX);
        highs = Arrays.copyOf(highs, sources * Evidence.LOAD_BALANCERS_MAX);
        lows = Arrays.copyOf(lows, sources * Evidence.LOAD_BALANCERS_MAX);
    }

    /** A pair of protocol and port, 0 to 65535, as one number above 0. */
    static int pair(Transport transport, int port) {
        return (transport.ordinal() << PORT_BITS | port) + 1;
    }

    void port(int source, int pair) {
        int at = source * Evidence.PORTS_MAX;
        int end = at + Evidence.PORTS_MAX;
        int put = pair;
        while (at < end && put != 0) {
            int moved = ports[at];
            ports[at++] = put;
            put = moved == pair ? 0 : moved;
        }
    }

    void loadBalancer(int source, long high, long low) {
        int first = source * Evidence.LOAD_BALANCERS_MAX;
        int last = first + Evidence.LOAD_BALANCERS_MAX - 1;
        int at = first;
        while (at < last && (lows[at] != low || highs[at] != high)) {
            at++;
        }
        System.arraycopy(highs, first, highs, first + 1, at - first);
        System.arraycopy(lows, first, lows, first + 1, at - first);
        highs[first] = high;
        lows[first] = low;
    }

    void clear(int source) {
        Arrays.fill(ports, source * Evidence.PORTS_MAX, (source + 1) * Evidence.PORTS_MAX, 0);
        int first = source * Evidence.LOAD_BALANCERS_MAX;
        Arrays.fill(highs, first, first + Evidence.LOAD_BALANCERS_MAX, 0);
        Arrays.fill(lows, first, first + Evidence.LOAD_BALANCERS_MAX, 0);
    }

    /** As in {@link Evidence}. */
    List<String> ports(int source) {
        List<String> latest = new ArrayList<>(Evidence.PORTS_MAX);
        int first = source * Evidence.PORTS_MAX;
        for (int at = first; at < first + Evidence.PORTS_MAX && ports[at] != 0; at++) {
            latest.add(portText(ports[at]));
        }
        return latest;
    }

    /** A {@link #pair} as text. */
    static String portText(int pair) {
        return TRANSPORTS[(pair - 1) >> PORT_BITS].label() + "/" + ((pair - 1) & 0xffff);
    }

    /** As in {@link Evidence}. */
    List<Ip> loadBalancers(int source) {
        List<Ip> latest = new ArrayList<>(Evidence.LOAD_BALANCERS_MAX);
        int first = source * Evidence.LOAD_BALANCERS_MAX;
        for (int at = first; at < first + Evidence.LOAD_BALANCERS_MAX && (highs[at] | lows[at]) != 0; at++) {
            latest.add(new Ip(highs[at], lows[at]));
        }
        return latest;
    }

    /** Bytes of the arrays' elements. */
    long bytes() {
        return (long) Integer.BYTES * ports.length + 2L * Long.BYTES * highs.length;
    }
}
