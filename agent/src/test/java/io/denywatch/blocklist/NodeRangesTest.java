package io.denywatch.blocklist;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.ip.IpPrefix;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeRangesTest {
    private static final String HEADER =
            "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n";
    private static final String ZEROS = "0".repeat(32);

    @TempDir
    private Path root;

    private Path resolvConf = Path.of("");

    @BeforeEach
    void nothingIsThereYet() {
        resolvConf = root.resolve("etc/resolv.conf");
    }

    private void file(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private List<String> read() {
        return NodeRanges.read(root, resolvConf).stream()
                .map(Range::addresses)
                .map(IpPrefix::toString)
                .toList();
    }

    /** An address as /proc/net/route prints it on this machine. */
    private static String hex(String address) {
        int bits = (int) IpPrefix.parse(address).network().low();
        return "%08X".formatted(ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? Integer.reverseBytes(bits) : bits);
    }

    private static String route(String destination, String gateway, String flags, String mask) {
        return "eth0\t%s\t%s\t%s\t0\t0\t0\t%s\t0\t0\t0   \n"
                .formatted(hex(destination), hex(gateway), flags, hex(mask));
    }

    @Test
    void resolversAreThoseNamedHereAndThoseThatResolvedAsks() throws IOException {
        file("etc/resolv.conf", """
                # nameserver 192.0.2.99
                search example.org
                nameserver 127.0.0.53
                  nameserver\t198.51.100.53   # ours
                nameserver fe80::1%eth0
                nameserver 198.51.100.53
                nameserver
                nameserver resolver.example.org
                nameservers 192.0.2.98
                """);
        file("run/systemd/resolve/resolv.conf", "nameserver 2001:db8::53\n");
        assertEquals(List.of("127.0.0.53/32", "198.51.100.53/32", "fe80::1/128", "2001:db8::53/128"), read());
    }

    @Test
    void gatewaysAreThoseOfDefaultRoutes() throws IOException {
        file(
                "proc/net/route",
                HEADER
                        + route("0.0.0.0", "203.0.113.1", "0003", "0.0.0.0")
                        + route("0.0.0.0", "0.0.0.0", "0001", "0.0.0.0") // by interface alone
                        + route("0.0.0.0", "203.0.113.2", "0003", "128.0.0.0") // half of the world
                        + route("198.51.100.0", "203.0.113.3", "0003", "255.255.255.0"));
        String hop = "20010db8000000000000000000000001";
        file(
                "proc/net/ipv6_route",
                "%s 00 %s 00 %s 00000400 00000002 00000000 00000003     eth0\n".formatted(ZEROS, ZEROS, hop)
                        + "%s 00 %s 00 %s ffffffff 00000001 00000000 00200200       lo\n".formatted(ZEROS, ZEROS, ZEROS)
                        + "%s 80 %s 00 %s 00000000 00000002 00000000 80200001       lo\n".formatted(hop, ZEROS, ZEROS));
        assertEquals(List.of("203.0.113.1/32", "2001:db8::1/128"), read());
        assertEquals(
                List.of(
                        "default gateway (" + root + "/proc/net/route)",
                        "default gateway (" + root + "/proc/net/ipv6_route)"),
                NodeRanges.read(root, resolvConf).stream().map(Range::reason).toList());
    }

    @Test
    void whatIsNotThereOrIsNoTextIsLeftOut() throws IOException {
        assertEquals(List.of(), read());
        Files.createDirectories(resolvConf); // a directory
        Files.createDirectories(root.resolve("proc/net"));
        Files.write(root.resolve("proc/net/route"), new byte[] {(byte) 0xff, 0, '\n', (byte) 0xc3});
        file("proc/net/ipv6_route", HEADER + "x\n\n" + "g".repeat(32) + " 00 0 00 0 0 0 0 3\n");
        assertEquals(List.of(), read());
    }

    @Test
    void aFileWithoutEndIsReadToALimit() throws IOException {
        Files.createDirectories(root.resolve("etc"));
        Files.write(
                resolvConf,
                Stream.generate(() -> "nameserver 192.0.2.1").limit(100_000).toList(),
                StandardCharsets.US_ASCII);
        assertEquals(List.of("192.0.2.1/32"), read());
    }
}
