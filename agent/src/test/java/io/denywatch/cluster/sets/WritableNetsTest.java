package io.denywatch.cluster.sets;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.cluster.Drawn;
import io.denywatch.detection.SubnetLengths;
import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WritableNetsTest {
    private static final NeverBlock NOTHING = new NeverBlock(List.of());

    @Test
    void whatIsWrittenIsNarrowAndDisjointAndHoldsAllThatMayBe() {
        for (int seed = 0; seed < 2_000; seed++) {
            Drawn drawn = new Drawn(seed);
            List<IpPrefix> wanted = new ArrayList<>();
            for (int i = drawn.random.nextInt(40); i > 0; i--) {
                wanted.add(drawn.crowded());
            }
            NeverBlock neverBlock = new NeverBlock(List.of(new Range(drawn.crowded(), "drawn")));
            List<IpPrefix> nets = WritableNets.of(wanted, neverBlock).nets();
            for (IpPrefix net : nets) {
                String what = "seed " + seed + ": " + net;
                String text = net.toString();
                assertTrue(
                        text.indexOf(':') < 0
                                ? text.endsWith("/32")
                                : Integer.parseInt(text.substring(text.indexOf('/') + 1)) >= 64,
                        what);
                assertTrue(wanted.contains(net), what);
                assertTrue(neverBlock.touching(net).isEmpty(), what);
                assertEquals(1, nets.stream().filter(net::overlaps).count(), what);
            }
            for (IpPrefix net : wanted) {
                boolean may =
                        WritableNets.isNarrow(net) && neverBlock.touching(net).isEmpty();
                boolean isIn = nets.stream().anyMatch(held -> held.overlaps(net) && held.length() <= net.length());
                assertEquals(may || isIn, isIn, "seed " + seed + ": " + net);
            }
        }
    }

    @Test
    void subnetsAreWrittenWholeOrNotAtAllAndNeverWiderThanARule() {
        for (int seed = 0; seed < 2_000; seed++) {
            Drawn drawn = new Drawn(seed);
            SubnetLengths widest = new SubnetLengths(20 + drawn.random.nextInt(13), 48 + drawn.random.nextInt(17));
            List<IpPrefix> wanted = new ArrayList<>();
            for (int i = drawn.random.nextInt(40); i > 0; i--) {
                IpPrefix source = drawn.crowded();
                wanted.add(source);
                wanted.add(new SubnetLengths(20 + drawn.random.nextInt(13), 48 + drawn.random.nextInt(17))
                        .around(source.network()));
            }
            NeverBlock neverBlock = new NeverBlock(List.of(new Range(drawn.crowded(), "drawn")));
            WritableNets written = WritableNets.of(wanted, neverBlock, widest);
            for (IpPrefix net : written.nets()) {
                String what = "seed " + seed + ": " + net;
                assertTrue(net.length() >= (net.network().isIpv4() ? 96 + widest.ipv4() : widest.ipv6()), what);
                assertTrue(wanted.contains(net), what);
                assertTrue(neverBlock.touching(net).isEmpty(), what);
                assertEquals(1, written.nets().stream().filter(net::overlaps).count(), what);
            }
        }
    }

    @Test
    void aNetThatIsTouchedOrWideIsNamedWithItsReason() {
        WritableNets nets = WritableNets.of(
                List.of(IpPrefix.parse("10.0.0.1/32"), IpPrefix.parse("45.0.0.0/24"), IpPrefix.parse("45.1.0.1/32")),
                new NeverBlock(List.of(new Range(IpPrefix.parse("10.0.0.0/8"), "private"))));
        assertEquals(List.of(IpPrefix.parse("45.1.0.1/32")), nets.nets());
        assertEquals(
                List.of("10.0.0.1/32 (10.0.0.0/8, private)", "45.0.0.0/24 (neither a /32 nor an IPv6 /64 or longer)"),
                nets.refused());
    }

    @Test
    void theBeginningOfIpv6IsNobody() {
        for (String special : List.of("::/64", "::1/128", "::/0", "0.0.0.0/0", "::/96", "2a00::/63")) {
            assertFalse(WritableNets.isNarrow(IpPrefix.parse(special)), special);
        }
        assertEquals(
                List.of(),
                WritableNets.of(List.of(IpPrefix.parse("::/0")), NOTHING).nets());
    }
}
