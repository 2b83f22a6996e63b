package io.denywatch.blocklist;

import io.denywatch.ip.IpPrefix;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The blocklist of the whole cluster, as programs outside of it read it. Immutable. */
public sealed interface SharedBlocklist {
    /** Maximum number of lines; firewalls accept lists of about this length. */
    int LINES_MAX = 131_072;

    /** The configuration does not ask for it. */
    SharedBlocklist OFF = new NotShared();

    /** The configuration does not ask for it. */
    record NotShared() implements SharedBlocklist {}

    /**
     * It cannot be shared now.
     *
     * @param why in one line
     */
    record NotYetKnown(String why) implements SharedBlocklist {}

    /**
     * What is blocked.
     *
     * @param text one CIDR a line, sorted; none contains another
     * @param etag of this text, in quotes; equal for equal texts
     */
    record Listed(String text, String etag) implements SharedBlocklist {}

    /**
     * The list of these nets, as far as they are not exempt.
     *
     * @param exempt removed from them
     */
    static SharedBlocklist of(Collection<IpPrefix> nets, NeverBlock exempt) {
        TreeSet<IpPrefix> sorted = new TreeSet<>(IpPrefix.ORDER);
        nets.stream().distinct().flatMap(net -> without(net, exempt)).forEach(sorted::add);
        List<IpPrefix> lines = new ArrayList<>();
        for (IpPrefix net : sorted) {
            // Prefixes of an IP version are nested or disjoint, and the wider one comes first.
            if (lines.isEmpty() || !lines.getLast().overlaps(net)) {
                lines.add(net);
            }
        }
        if (lines.size() > LINES_MAX) {
            return new NotYetKnown("the blocklist has " + lines.size() + " lines; allowed: at most " + LINES_MAX);
        }
        StringBuilder text = new StringBuilder();
        lines.forEach(net -> text.append(net).append('\n'));
        return new Listed(text.toString(), etag(text.toString()));
    }

    private static Stream<IpPrefix> without(IpPrefix net, NeverBlock exempt) {
        if (exempt.touching(net).isEmpty()) {
            return Stream.of(net);
        }
        return net.isSingle()
                ? Stream.empty()
                : net.minus(exempt.ranges().stream()
                        .map(NeverBlock.Range::addresses)
                        .filter(net::overlaps)
                        .toList());
    }

    private static String etag(String text) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
            return '"' + HexFormat.of().formatHex(digest) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }
}
