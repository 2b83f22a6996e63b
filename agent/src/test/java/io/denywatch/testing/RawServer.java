package io.denywatch.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Answers each request on each connection in the same way, byte for byte, and closes the connection where that fails. */
public final class RawServer implements AutoCloseable {
    private static final String HEAD = "HTTP/1.1 200 OK\r\n\r\n";

    /** A body that goes on as fast as it is read. */
    public static final Answer ENDLESS = out -> {
        out.write(HEAD.getBytes(UTF_8));
        byte[] blanks = " ".repeat(1 << 16).getBytes(UTF_8);
        while (true) {
            out.write(blanks);
        }
    };

    /** A body of which there is always a little more. */
    public static final Answer TRICKLING = out -> {
        out.write(HEAD.getBytes(UTF_8));
        while (true) {
            out.write(' ');
            out.flush();
        }
    };

    /** Nothing at all, for as long as the connection is there. */
    public static final Answer MUTE = _ -> {
        try {
            new CountDownLatch(1).await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    };

    private final AtomicInteger connections = new AtomicInteger();
    private final ServerSocket socket = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());

    /** Writes an answer, head and all. */
    @FunctionalInterface
    public interface Answer {
        /** Throws to break off. */
        void write(OutputStream out) throws IOException;
    }

    /** Listens on a free port of the loopback address. */
    public RawServer(Answer answer) throws IOException {
        Thread.ofVirtual().start(() -> {
            while (!socket.isClosed()) {
                try {
                    Socket client = socket.accept();
                    connections.incrementAndGet();
                    Thread.ofVirtual().start(() -> serve(client, answer));
                } catch (IOException e) {
                    return; // closed
                }
            }
        });
    }

    private static void serve(Socket client, Answer answer) {
        try (client) {
            BufferedReader requests = new BufferedReader(new InputStreamReader(client.getInputStream(), UTF_8));
            for (String line = requests.readLine(); line != null; line = requests.readLine()) {
                if (line.isEmpty()) {
                    answer.write(client.getOutputStream());
                    client.getOutputStream().flush();
                }
            }
        } catch (IOException e) {
            // The client has what it wanted, or the answer is to break off.
        }
    }

    /** Where it listens. */
    public int port() {
        return socket.getLocalPort();
    }

    /** How often somebody connected. */
    public int connections() {
        return connections.get();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
