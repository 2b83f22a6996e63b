package io.denywatch.detection;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Counts the source ports of TCP connection attempts in the last one or two minutes, to detect sources that look like
 * many clients behind one address (NAT). A client repeats its SYN from the same port until it gives up; many clients do
 * so from many ports. Confined to the ingest thread.
 *
 * <p>The table holds at most {@link #PLACES} sources in 52 KiB. Among sources that share a place, the one that sends
 * more than half of their packets keeps it. Ports are counted by linear counting (Whang, Vander-Zanden, Taylor 1990).
 */
final class ConnectionAttempts {
    /** The most sources held; a power of two. */
    static final int PLACES = 1_024;

    /** A source that tried more destination ports is not a retrying client. */
    static final int PORTS_MAX = 3;

    /** With fewer source ports, it is one client or a few. */
    static final int SOURCE_PORTS_MIN = 10;

    /** With fewer attempts per source port, nothing was retried. */
    static final int ATTEMPTS_PER_PORT_MIN = 2;

    /** At most one packet in this many may be something other than a connection attempt. */
    private static final int OTHERS_PART = 10;

    /** With fewer free bits, the estimate of ports is unusable. */
    private static final int BITS_LEFT_MIN = 4;

    private static final int BITS = 2 * Long.SIZE;
    private static final int CREDIT_MAX = 64;
    private static final int PERIOD_BITS = 6; // of seconds, as in SourceActivity

    private final int[] sources = new int[PLACES]; // 0 for none, else one more than the number
    private final int[] credits = new int[PLACES];
    private final int[] periods = new int[PLACES];
    private final int[] attempts = new int[PLACES]; // in the newest period
    private final int[] attemptsBefore = new int[PLACES];
    private final long[] bits = new long[2 * PLACES]; // of ports in the newest period
    private final long[] bitsBefore = new long[2 * PLACES];

    /** Records a connection attempt. */
    void add(int source, int fromPort, long second) {
        int place = source & PLACES - 1;
        int period = (int) (second >>> PERIOD_BITS);
        if (sources[place] != source + 1) {
            if (--credits[place] > 0) {
                return;
            }
            sources[place] = source + 1;
            credits[place] = 0;
            clear(place, period);
        }
        credits[place] = Math.min(credits[place] + 1, CREDIT_MAX);
        if (period > periods[place]) {
            turn(place, period);
        }
        attempts[place]++;
        int bit = bit(fromPort);
        bits[2 * place + (bit >>> 6)] |= 1L << bit;
    }

    private void clear(int place, int period) {
        periods[place] = period;
        attempts[place] = 0;
        attemptsBefore[place] = 0;
        Arrays.fill(bits, 2 * place, 2 * place + 2, 0);
        Arrays.fill(bitsBefore, 2 * place, 2 * place + 2, 0);
    }

    private void turn(int place, int period) {
        boolean next = period == periods[place] + 1;
        int before = attempts[place];
        long low = bits[2 * place];
        long high = bits[2 * place + 1];
        clear(place, period);
        if (next) {
            attemptsBefore[place] = before;
            bitsBefore[2 * place] = low;
            bitsBefore[2 * place + 1] = high;
        }
    }

    /** The finaliser of MurmurHash3 (Appleby), needed because many ports are consecutive. */
    private static int bit(int port) {
        int mixed = port * 0x85eb_ca6b;
        mixed = (mixed ^ mixed >>> 13) * 0xc2b2_ae35;
        return mixed >>> (Integer.SIZE - 7);
    }

    /** Drops what is known of a source, because its number was reassigned or the clock was set back. */
    void forget(int source) {
        int place = source & PLACES - 1;
        if (sources[place] == source + 1) {
            sources[place] = 0;
            credits[place] = 0;
        }
    }

    /**
     * Describes in one sentence what a source looks like, or returns an empty string. This is a hint only: a flood can
     * be made to look the same.
     *
     * @param packets of all kinds in the same time
     * @param ports that it sent to
     */
    String hint(int source, int packets, List<String> ports) {
        int place = source & PLACES - 1;
        if (sources[place] != source + 1 || ports.size() > PORTS_MAX) {
            return "";
        }
        int asked = attempts[place] + attemptsBefore[place];
        int left = BITS
                - Long.bitCount(bits[2 * place] | bitsBefore[2 * place])
                - Long.bitCount(bits[2 * place + 1] | bitsBefore[2 * place + 1]);
        if (left < BITS_LEFT_MIN || asked < packets - packets / OTHERS_PART) {
            return "";
        }
        int fromPorts = (int) Math.round(-BITS * Math.log((double) left / BITS));
        if (fromPorts < SOURCE_PORTS_MIN || asked < ATTEMPTS_PER_PORT_MIN * fromPorts) {
            return "";
        }
        return String.format(
                Locale.ROOT,
                "looks like many clients behind one address (NAT): %,d of %,d packets ask for a connection to %s, from"
                        + " about %,d ports, each about %,d times, as retrying clients do; a flood can look the same",
                asked,
                Math.max(packets, asked),
                String.join(", ", ports),
                fromPorts,
                Math.round((double) asked / fromPorts));
    }
}
