package io.denywatch.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
    private final Connections connections = new Connections();
    private final List<Opened> opened = new ArrayList<>();

    @AfterEach
    void close() {
        opened.forEach(Opened::finishAndReleaseAll);
    }

    @Test
    void aMuteConnectionGoesFirstAndAnAnswerLast() {
        Opened answering = open("10.0.0.1");
        answering.connection.requested();
        Opened idle = open("10.0.0.1");
        idle.connection.requested();
        idle.connection.answered();
        pass(2_000);
        Opened mute = open("10.0.0.1");
        pass(Connection.MUTE_MAX_MILLIS + 1);
        fill("10.0.0.1", Connections.PER_PEER_MAX - 3);

        open("10.0.0.1");
        assertFalse(mute.isOpen());
        open("10.0.0.1");
        assertFalse(idle.isOpen());
        assertTrue(answering.isOpen());
        assertEquals(Connections.PER_PEER_MAX, connections.size());
    }

    @Test
    void aNewcomerHasTimeForItsRequest() {
        Opened idle = open("10.0.0.1");
        idle.connection.requested();
        idle.connection.answered();
        pass(10);
        Opened newcomer = open("10.0.0.1");
        pass(10);
        fill("10.0.0.1", Connections.PER_PEER_MAX - 2);

        open("10.0.0.1");

        assertFalse(idle.isOpen());
        assertTrue(newcomer.isOpen());
    }

    @Test
    void aCrowdOfOnePeerPushesNobodyElseOut() {
        Opened other = open("10.0.0.2");
        pass(Connection.MUTE_MAX_MILLIS + 1);
        fill("10.0.0.1", 1_000);

        assertTrue(other.isOpen());
        assertEquals(1 + Connections.PER_PEER_MAX, connections.size());
    }

    @Test
    void neverHoldsMoreThanAllowedAndAlwaysTakesTheNewest() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            Opened newest = open("10.0.0." + random.nextInt(20));
            assertTrue(newest.isOpen(), "seed " + seed);
            Opened any = opened.get(random.nextInt(opened.size()));
            if (any.isOpen()) {
                switch (random.nextInt(4)) {
                    case 0 -> any.connection.requested();
                    case 1 -> any.connection.answered();
                    case 2 -> any.close().syncUninterruptibly();
                    default -> pass(random.nextInt(300));
                }
            }
            opened.removeIf(channel -> !channel.isOpen());
            assertEquals(opened.size(), connections.size(), "seed " + seed);
            assertTrue(connections.size() <= Connections.CONNECTIONS_MAX, "seed " + seed);
            for (int peer = 0; peer < 20; peer++) {
                String address = "10.0.0." + peer;
                assertTrue(
                        opened.stream().filter(o -> o.from(address)).count() <= Connections.PER_PEER_MAX,
                        "seed " + seed);
            }
        }
    }

    private void fill(String peer, int count) {
        for (int i = 0; i < count; i++) {
            open(peer);
        }
    }

    private Opened open(String peer) {
        Opened channel = new Opened(new InetSocketAddress(peer, 1));
        channel.freezeTime();
        opened.add(channel);
        channel.pipeline().addLast(channel.connection);
        connections.add(channel.connection);
        channel.closeFuture().addListener(closed -> connections.remove(channel.connection));
        return channel;
    }

    private void pass(int millis) {
        for (Opened channel : opened) {
            channel.advanceTimeBy(millis, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    /** A channel whose other end has an address. */
    private static final class Opened extends EmbeddedChannel {
        private final InetSocketAddress peer;
        private final Connection connection;

        Opened(InetSocketAddress peer) {
            this.peer = peer;
            connection = new Connection(this);
        }

        boolean from(String address) {
            return peer.getAddress().getHostAddress().equals(address);
        }

        @Override
        public SocketAddress remoteAddress() {
            return peer;
        }
    }
}
