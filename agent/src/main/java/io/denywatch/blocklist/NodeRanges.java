package io.denywatch.blocklist;

import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Addresses that a node depends on: its resolvers and default gateways, as far as this process sees them. Stateless. In
 * a pod with a network of its own, the gateways are the pod's; the resolvers are the node's where the pod's dnsPolicy
 * is Default. What cannot be read is left out.
 */
public final class NodeRanges {
    /** Where systemd-resolved lists the resolvers that it uses; resolv.conf then names only systemd-resolved itself. */
    private static final String UPSTREAM = "run/systemd/resolve/resolv.conf";

    private static final String ROUTES_V4 = "proc/net/route";
    private static final String ROUTES_V6 = "proc/net/ipv6_route";
    private static final int LINES_MAX = 10_000;
    private static final int HEX = 16;
    private static final int IS_GATEWAY = 2; // RTF_GATEWAY

    private NodeRanges() {}

    /**
     * Reads the files once.
     *
     * @param root of the file system, {@code /}
     * @param resolvConf a file as resolv.conf(5) describes it
     */
    public static List<Range> read(Path root, Path resolvConf) {
        return Stream.of(
                        read(resolvConf, NodeRanges::resolver, "resolver"),
                        read(root.resolve(UPSTREAM), NodeRanges::resolver, "resolver"),
                        read(root.resolve(ROUTES_V4), NodeRanges::gateway4, "default gateway"),
                        read(root.resolve(ROUTES_V6), NodeRanges::gateway6, "default gateway"))
                .flatMap(List::stream)
                .toList();
    }

    private static List<Range> read(Path file, Function<String[], Optional<Ip>> reading, String what) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.limit(LINES_MAX)
                    .map(line -> line.strip().split("\\s+", -1))
                    .flatMap(words -> found(words, reading).stream())
                    .distinct()
                    .map(address -> new Range(IpPrefix.of(address), what + " (" + file + ")"))
                    .toList();
        } catch (IOException | UncheckedIOException e) {
            return List.of(); // missing, not readable, or not text
        }
    }

    private static Optional<Ip> found(String[] words, Function<String[], Optional<Ip>> reading) {
        try {
            return reading.apply(words);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    /** {@code nameserver fe80::1%eth0}. */
    private static Optional<Ip> resolver(String[] words) {
        return words[0].equals("nameserver") ? Optional.of(Ip.parse(words[1].split("%", -1)[0])) : Optional.empty();
    }

    /**
     * Columns: interface, destination, gateway, flags, …, mask (the eighth); addresses are numbers in this machine's
     * byte order.
     */
    private static Optional<Ip> gateway4(String[] words) {
        int gateway = Integer.parseUnsignedInt(words[2], HEX);
        boolean isDefault = Integer.parseUnsignedInt(words[1], HEX) == 0
                && Integer.parseUnsignedInt(words[7], HEX) == 0
                && (Integer.parseUnsignedInt(words[3], HEX) & IS_GATEWAY) != 0;
        boolean reversed = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        return isDefault
                ? Optional.of(Ip.ofIpv4(reversed ? Integer.reverseBytes(gateway) : gateway))
                : Optional.empty();
    }

    /**
     * Columns: destination, its length, source, its length, next hop, metric, two counts, flags; addresses are in
     * network byte order.
     */
    private static Optional<Ip> gateway6(String[] words) {
        boolean isDefault = Integer.parseUnsignedInt(words[1], HEX) == 0
                && (Integer.parseUnsignedInt(words[8], HEX) & IS_GATEWAY) != 0;
        String hop = words[4];
        return isDefault
                ? Optional.of(new Ip(
                        HexFormat.fromHexDigitsToLong(hop, 0, HEX), HexFormat.fromHexDigitsToLong(hop, HEX, 2 * HEX)))
                : Optional.empty();
    }
}
