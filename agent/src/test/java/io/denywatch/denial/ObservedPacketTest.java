package io.denywatch.denial;

import static io.denywatch.packet.PacketHeader.ACK;
import static io.denywatch.packet.PacketHeader.FIN;
import static io.denywatch.packet.PacketHeader.PSH;
import static io.denywatch.packet.PacketHeader.RST;
import static io.denywatch.packet.PacketHeader.SYN;
import static io.denywatch.packet.PacketHeader.URG;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ObservedPacketTest {
    private static ObservedPacket packet(Transport transport, int from, int to, int flags) {
        return new ObservedPacket().with(transport, from, to, flags);
    }

    @ParameterizedTest
    @CsvSource({
        "TCP,   443,   32768, true",
        "TCP,   443,   60999, true",
        "TCP,   443,   32767, false",
        "TCP,   443,   61000, false",
        "TCP,   443,   22,    false",
        "TCP,   443,   30080, false",
        "TCP,   6443,  45000, true",
        "TCP,   32767, 45000, true",
        "TCP,   32768, 45000, false",
        "TCP,   0,     45000, false",
        "TCP,   -1,    45000, false",
        "UDP,   53,    45000, true",
        "UDP,   123,   45000, true",
        "UDP,   443,   45000, true",
        "UDP,   1023,  45000, true",
        "UDP,   1024,  45000, false",
        "UDP,   53,    161,   false",
        "UDP,   0,     45000, false",
        "ICMP,  53,    45000, false",
        "OTHER, 53,    45000, false",
    })
    void aReplyGoesFromAServicesPortToOneOfOutgoingConnections(
            Transport transport, int from, int to, boolean expected) {
        assertEquals(expected, packet(transport, from, to, ACK).isReply());
    }

    @Test
    void aReplyHasTheFlagsOfOneWhoWasCalled() {
        for (int flags : List.of(ACK, ACK | PSH, ACK | FIN, ACK | FIN | PSH, RST, RST | ACK, SYN | ACK, ACK | URG)) {
            assertTrue(packet(Transport.TCP, 443, 45_000, flags).isReply(), "flags " + flags);
        }
        int xmas = FIN | PSH | URG;
        for (int flags : List.of(SYN, 0, FIN, xmas, PSH, SYN | FIN, SYN | RST, SYN | ACK | FIN, SYN | ACK | RST)) {
            assertFalse(packet(Transport.TCP, 443, 45_000, flags).isReply(), "flags " + flags);
        }
    }

    @Test
    void aPortThatALoadBalancerIsKnownToExposeGetsNoReplies() {
        ObservedPacket packet = packet(Transport.UDP, 53, 45_000, 0);
        assertTrue(packet.countedAt(0, 1, true, false).isReply());
        assertFalse(packet.countedAt(0, 1, true, true).isReply());
    }

    @Test
    void onlySynAloneAsksForAConnection() {
        assertTrue(packet(Transport.TCP, 50_000, 443, SYN).isConnectionAttempt());
        assertTrue(packet(Transport.TCP, 50_000, 443, SYN | PSH).isConnectionAttempt());
        assertFalse(packet(Transport.TCP, 50_000, 443, SYN | ACK).isConnectionAttempt());
        assertFalse(packet(Transport.TCP, 50_000, 443, ACK).isConnectionAttempt());
        assertFalse(packet(Transport.UDP, 50_000, 443, SYN).isConnectionAttempt());
    }
}
