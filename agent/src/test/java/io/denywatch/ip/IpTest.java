package io.denywatch.ip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IpTest {
    private static final long SEED = 20_260_301;

    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, 0.0.0.0",
        "255.255.255.255, 255.255.255.255",
        "203.0.113.7, 203.0.113.7",
        "::, ::",
        "::1, ::1",
        "1::, 1::",
        "2001:db8::1, 2001:db8::1",
        "2001:0DB8:0000:0000:0000:0000:0000:0001, 2001:db8::1",
        "2001:db8:0:0:1:0:0:1, 2001:db8::1:0:0:1",
        "2001:db8:0:1:1:1:1:1, 2001:db8:0:1:1:1:1:1",
        "1:0:0:2:0:0:0:3, 1:0:0:2::3",
        "0:0:0:1:0:0:0:0, 0:0:0:1::",
        "::ffff:192.0.2.1, 192.0.2.1",
        "64:ff9b::192.0.2.33, 64:ff9b::c000:221",
        "1:2:3:4:5:6:1.2.3.4, 1:2:3:4:5:6:102:304"
    })
    void readsTextAndPrintsItCanonically(String text, String canonical) {
        assertEquals(canonical, Ip.parse(text).toString());
        assertEquals(Ip.parse(text), Ip.parse(canonical));
    }

    @Test
    void agreesWithTheJdkOnRandomAddresses() throws UnknownHostException {
        Random random = new Random(SEED);
        for (int round = 0; round < 50_000; round++) {
            // Few bits set, so that runs of zero groups of every length come up.
            long high = few(random) & groups(random);
            long low = few(random) & groups(random);
            String text = IpText.ipv6(high, low);
            byte[] bytes = InetAddress.getByName(text).getAddress();
            Ip back =
                    bytes.length == 4 ? Ip.parse(InetAddress.getByAddress(bytes).getHostAddress()) : of(bytes);
            assertEquals(new Ip(high, low), back, () -> "seed " + SEED + ": " + text);
            assertEquals(new Ip(high, low), Ip.parse(text), () -> "seed " + SEED + ": " + text);
        }
    }

    private static long few(Random random) {
        long half = random.nextLong();
        return half & random.nextLong();
    }

    private static long groups(Random random) {
        long mask = 0;
        for (int i = 0; i < 4; i++) {
            mask = mask << 16 | (random.nextBoolean() ? 0xffff : 0);
        }
        return mask;
    }

    private static Ip of(byte[] bytes) {
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        return new Ip(buffer.getLong(), buffer.getLong());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "1",
                "1.2.3",
                "1.2.3.4.5",
                "1.2.3.256",
                "01.2.3.4",
                "1.2.3.4 ",
                "1..3.4",
                "-1.2.3.4",
                "1.2.3.+4",
                ":",
                ":::",
                "1:2:3:4:5:6:7",
                "1:2:3:4:5:6:7:8:9",
                "1:2:3:4:5:6:7:8::",
                "::1::",
                "12345::",
                "g::",
                "1:2:3:4:5:6:7:1.2.3.4",
                "::1.2.3",
                "1.2.3.4::",
                "fe80::1%eth0",
                "::/0",
                "１.2.3.4"
            })
    void refusesWhatIsNoAddressAndNamesIt(String text) {
        IllegalArgumentException refusal = assertThrows(IllegalArgumentException.class, () -> Ip.parse(text));
        assertTrue(refusal.toString().contains('"' + text + '"'), refusal.toString());
    }

    @Test
    void tellsFamiliesApart() {
        assertTrue(Ip.parse("192.0.2.1").isIpv4());
        assertFalse(Ip.parse("2001:db8::1").isIpv4());
        assertFalse(Ip.parse("::1").isIpv4());
        assertEquals("::ffff:192.0.2.1", IpText.ipv6(0, Ip.parse("192.0.2.1").low()));
    }

    @Test
    void ordersAsUnsigned() {
        assertTrue(Ip.parse("127.0.0.1").compareTo(Ip.parse("128.0.0.1")) < 0);
        assertTrue(Ip.parse("7fff::").compareTo(Ip.parse("8000::")) < 0);
        assertEquals(0, Ip.parse("::1").compareTo(Ip.parse("::1")));
    }
}
