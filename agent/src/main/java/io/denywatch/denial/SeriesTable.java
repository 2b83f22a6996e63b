package io.denywatch.denial;

import io.denywatch.count.CheckedInput;
import io.denywatch.count.Count;
import io.denywatch.denial.DenialSnapshot.PortTotal;
import java.io.DataOutput;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.ToLongFunction;

/**
 * The rows of one load balancer: one per exposed port and node port, and for each transport one for all other ports.
 * Confined to the ingest thread. Rows may come and go at any time. A row that is no longer wanted is <em>retired</em>:
 * it stays as it is, continues if it is wanted again, and makes room only for a wanted row; the row retired for longest
 * goes first. A port for which there is no room has no row of its own.
 */
final class SeriesTable {
    /** The most ports with a row of their own at one load balancer. */
    static final int PORTS_MAX = LoadBalancer.DISTINCT_PORTS_MAX;

    /** The same for packets to no load balancer, which include those to Services known only by a host name. */
    static final int PORTS_OF_OTHER_MAX = 1024;

    /** The highest number of an assignment: one a second for 30 years. */
    static final int ASSIGNMENTS_MAX = 1 << 30;

    private static final int NO_PORT = -1;

    private static final int STATE_BYTES_PER_ROW =
            2 * Short.BYTES + Transport.LABEL_BYTES_MAX + 3 * Integer.BYTES + 2 * Long.BYTES;

    private final int rowsMax;
    private final List<Series> rows = new ArrayList<>(Transport.COUNT);

    // An index of the rows: for each transport the row of other ports, and the rows by transport and port.
    private Series[] others = new Series[0];
    private int[] exposed = new int[0];
    private Series[] exposedTotals = new Series[0];

    /** A table without rows. Call {@link #assign} or {@link #restore} first. */
    SeriesTable(int portsMax) {
        rowsMax = Transport.COUNT + portsMax;
    }

    /** Transport and port in one number, below 0 if a packet has no port. */
    static int portKey(Transport transport, int port) {
        return transport.index() << Character.SIZE | port;
    }

    /** The row for a packet to the load balancer's own address. */
    Series of(Transport transport, int port) {
        int at = Arrays.binarySearch(exposed, portKey(transport, port));
        return at < 0 ? others[transport.index()] : exposedTotals[at];
    }

    /** All rows. */
    List<Series> rows() {
        return rows;
    }

    /**
     * Sets which rows are in use.
     *
     * @param wanted uses by key, those for all other ports first; if there is no room for all, the last get no row
     * @param number of this assignment, 1 to {@link #ASSIGNMENTS_MAX}; rows retired earlier have lower numbers
     */
    void assign(Map<Series.SeriesKey, Integer> wanted, int number) {
        Set<Series.SeriesKey> missing = new HashSet<>(wanted.keySet());
        for (Series row : rows) {
            int uses = wanted.getOrDefault(row.key, 0);
            if (uses == 0 && row.isInUse()) {
                row.retiredAt = number;
            }
            row.uses = uses;
            missing.remove(row.key);
        }
        wanted.forEach((key, uses) -> {
            if (missing.contains(key) && makeRoom()) {
                add(key).uses = uses;
            }
        });
        index();
    }

    private boolean makeRoom() {
        if (rows.size() < rowsMax) {
            return true;
        }
        return rows.stream()
                .filter(row -> !row.isInUse())
                .min(Comparator.comparingInt(row -> row.retiredAt))
                .map(rows::remove)
                .orElse(false);
    }

    private Series add(Series.SeriesKey key) {
        Series added = new Series(key);
        rows.add(added);
        return added;
    }

    private void index() {
        rows.sort(Comparator.comparing(row -> row.key, Series.SeriesKey.ORDER));
        Map<Integer, Series> byPort = new TreeMap<>();
        for (Series row : rows) {
            if (!row.isOther() && (row.uses & Series.EXPOSED) != 0) {
                byPort.putIfAbsent(portKey(row.key.transport(), row.key.port()), row);
            }
        }
        exposed = byPort.keySet().stream().mapToInt(Integer::intValue).toArray();
        exposedTotals = byPort.values().toArray(Series[]::new);
        others = Arrays.stream(Transport.values())
                .flatMap(transport -> rows.stream()
                        .filter(row -> row.isOther() && row.key.transport() == transport)
                        .max(Comparator.comparingInt(row -> row.isInUse() ? Integer.MAX_VALUE : row.retiredAt))
                        .stream())
                .toArray(Series[]::new);
    }

    /** The only Service at the address, or the last one if there is none now; {@link ServiceName#NONE} for several. */
    ServiceName owner() {
        return others.length == 0 ? ServiceName.NONE : others[0].key.name();
    }

    long sum(ToLongFunction<Series> count) {
        return rows.stream().mapToLong(count).reduce(0, Count::sum);
    }

    List<PortTotal> snapshot() {
        return rows.stream().map(Series::snapshot).toList();
    }

    void save(DataOutput out) throws IOException {
        out.writeInt(rows.size());
        for (int i = 0; i < rows.size(); i++) {
            Series row = rows.get(i);
            out.writeUTF(row.key.name().namespace());
            out.writeUTF(row.key.name().service());
            out.writeUTF(row.key.transport().label());
            out.writeInt(row.key.port());
            out.writeLong(row.packets);
            out.writeLong(row.bytes);
            out.writeInt(row.uses);
            out.writeInt(row.retiredAt);
        }
    }

    /**
     * Restores what was saved.
     *
     * @param keep whether saved rows that do not exist here are created, in use or retired as before; otherwise they
     *     are dropped
     * @return the highest assignment number that was saved; 0 if there is none
     */
    int restore(CheckedInput in, boolean keep) throws IOException {
        int saved = in.size("number of totals", Transport.COUNT + PORTS_OF_OTHER_MAX);
        Set<Series.SeriesKey> met = new HashSet<>();
        int number = 0;
        for (int i = 0; i < saved; i++) {
            ServiceName name = new ServiceName(name(in), name(in));
            Transport transport = Transport.labelled(in.label());
            int port = in.value("port of a total", 0, Character.MAX_VALUE, NO_PORT);
            long packets = in.count("total of packets");
            long bytes = in.count("total of bytes");
            int uses = in.value("uses of a total", 0, Series.USES_MAX, 0);
            int retiredAt = in.value("retirement of a total", 0, ASSIGNMENTS_MAX, 0);
            number = Math.max(number, retiredAt);
            if (transport == null || port == NO_PORT) {
                continue;
            }
            Series.SeriesKey key = new Series.SeriesKey(name, transport, port);
            if (!met.add(key)) {
                in.drop("second total", key);
                continue;
            }
            Series row = rows.stream()
                    .filter(candidate -> candidate.key.equals(key))
                    .findFirst()
                    .orElse(null);
            if (row == null && keep && rows.size() < rowsMax) {
                row = add(key);
                row.retiredAt = retiredAt;
            }
            if (row != null) {
                row.packets = packets;
                row.bytes = bytes;
                row.uses |= keep ? uses : 0;
            }
        }
        index();
        if (keep && others.length < Transport.COUNT) {
            in.drop("totals of other ports", others.length);
            addOthers();
        }
        return number;
    }

    /** Adds a row for all other ports to each transport that has none. */
    private void addOthers() {
        for (Transport transport : Transport.values()) {
            if (Arrays.stream(others).noneMatch(row -> row.key.transport() == transport)) {
                add(new Series.SeriesKey(ServiceName.NONE, transport, 0));
            }
        }
        index();
    }

    private static String name(CheckedInput in) throws IOException {
        String name = in.label();
        CheckedInput.check(ServiceName.isValid(name), "name", name);
        return name;
    }

    /** The bytes that {@link #save} writes with these rows. */
    static long stateBytes(Iterable<Series.SeriesKey> keys) {
        long bytes = Integer.BYTES;
        for (Series.SeriesKey key : keys) {
            bytes += STATE_BYTES_PER_ROW
                    + key.name().namespace().length()
                    + key.name().service().length();
        }
        return bytes;
    }

    /** The most bytes that {@link #save} can write, whatever is assigned. */
    static long stateBytesMax(int portsMax) {
        return Integer.BYTES
                + (long) (Transport.COUNT + portsMax) * (STATE_BYTES_PER_ROW + 2 * LoadBalancer.NAME_BYTES_MAX);
    }

    /** Bytes of the rows and of the arrays' elements. */
    long bytes() {
        return (long) Series.BYTES * rows.size()
                + (long) Integer.BYTES * (others.length + exposedTotals.length + exposed.length);
    }
}
