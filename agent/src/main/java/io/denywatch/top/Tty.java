package io.denywatch.top;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandleProxies;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The terminal in raw mode with an alternate screen; its earlier contents are restored at the end. Confined to one
 * thread.
 *
 * <p>Calls four functions of the C library instead of using a terminal library or {@code stty}: such libraries query
 * the terminal's capabilities and wait for responses that not every terminal sends, and a container may lack {@code
 * stty}.
 */
final class Tty implements AutoCloseable {
    private static final int STDIN = 0;
    private static final int NOW = 0; // TCSANOW
    private static final int TERMIOS_BYTES_MAX = 256; // 60 on Linux, 72 on macOS
    private static final long WINDOW_SIZE =
            System.getProperty("os.name", "").startsWith("Mac") ? 0x40087468L : 0x5413L; // TIOCGWINSZ

    private static final String OPEN = "\u001b[?1049h\u001b[?25l"; // another screen, no cursor
    private static final String CLOSE = "\u001b[?25h\u001b[?1049l";
    private static final String HOME = "\u001b[H";
    private static final String END_OF_LINE = "\u001b[K";
    private static final String REST = "\u001b[J";
    private static final Size USUAL = new Size(80, 24);

    private final Arena arena = Arena.ofConfined();
    private final InputStream in;
    private final OutputStream out;
    private final MemorySegment before = arena.allocate(TERMIOS_BYTES_MAX);
    private final MemorySegment window = arena.allocate(ValueLayout.JAVA_SHORT, 4);
    private final SetAttributes setAttributes;
    private final Ioctl ioctl;

    /** Cells of a terminal. */
    record Size(int columns, int rows) {}

    /** A function of C; its parameters are named as in its manual page. */
    @FunctionalInterface
    public interface GetAttributes {
        /** Returns 0 on success. */
        int tcgetattr(int fd, MemorySegment termios);
    }

    /** A function of C. */
    @FunctionalInterface
    public interface SetAttributes {
        /** Returns 0 on success. */
        int tcsetattr(int fd, int actions, MemorySegment termios);
    }

    /** A function of C. */
    @FunctionalInterface
    public interface MakeRaw {
        /** Changes its argument. */
        void cfmakeraw(MemorySegment termios);
    }

    /** A function of C. */
    @FunctionalInterface
    public interface Ioctl {
        /** Returns 0 on success. */
        int ioctl(int fd, long request, MemorySegment argument);
    }

    private Tty(ProcessContext world) {
        in = world.in();
        out = world.out();
        // Before the first native call, at which the JVM prints a warning on standard error: the first frame overwrites
        // it. The option that permits native access would keep the JVM from using its AOT cache.
        write(OPEN);
        ioctl = function(
                Ioctl.class,
                "ioctl",
                FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
                Linker.Option.firstVariadicArg(2));
        setAttributes = function(
                SetAttributes.class, "tcsetattr", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
    }

    @SuppressWarnings("restricted") // the purpose of this class
    private static <T> T function(Class<T> type, String name, FunctionDescriptor signature, Linker.Option... options) {
        Linker linker = Linker.nativeLinker();
        return MethodHandleProxies.asInterfaceInstance(
                type, linker.downcallHandle(linker.defaultLookup().findOrThrow(name), signature, options));
    }

    /** Whether standard input and output are a terminal. */
    static boolean isThere(ProcessContext world) {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()
                && !world.environment().getOrDefault("TERM", "dumb").equals("dumb");
    }

    /** Switches the terminal to raw mode and to the alternate screen. */
    static Tty open(ProcessContext world) {
        Tty tty = new Tty(world);
        GetAttributes get =
                function(GetAttributes.class, "tcgetattr", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
        MakeRaw makeRaw = function(MakeRaw.class, "cfmakeraw", FunctionDescriptor.ofVoid(ADDRESS));
        if (get.tcgetattr(STDIN, tty.before) != 0) {
            tty.write(CLOSE);
            throw CommandFailure.failed("the terminal's settings cannot be read: use --once");
        }
        MemorySegment raw = tty.arena.allocate(TERMIOS_BYTES_MAX).copyFrom(tty.before);
        makeRaw.cfmakeraw(raw);
        tty.set(raw);
        return tty;
    }

    private void set(MemorySegment attributes) {
        if (setAttributes.tcsetattr(STDIN, NOW, attributes) != 0) {
            write(CLOSE);
            throw CommandFailure.failed("the terminal's settings cannot be changed: use --once");
        }
    }

    /** The current size. */
    Size size() {
        boolean known = ioctl.ioctl(STDIN, WINDOW_SIZE, window) == 0;
        int rows = Short.toUnsignedInt(window.getAtIndex(ValueLayout.JAVA_SHORT, 0));
        int columns = Short.toUnsignedInt(window.getAtIndex(ValueLayout.JAVA_SHORT, 1));
        return known && rows > 0 && columns > 0 ? new Size(columns, rows) : USUAL;
    }

    /** Bytes that were typed since the last call; may be empty. */
    byte[] typed() {
        try {
            return in.readNBytes(in.available());
        } catch (IOException e) {
            throw CommandFailure.failed("the terminal has gone: " + e.getMessage());
        }
    }

    /** Replaces the screen's contents by these lines, which must fit. */
    void draw(List<String> lines) {
        // A single write that clears nothing before it is overwritten does not flicker.
        write(HOME + String.join(END_OF_LINE + "\r\n", lines) + END_OF_LINE + REST);
    }

    private void write(String text) {
        try {
            out.write(text.getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (IOException e) {
            throw CommandFailure.failed("the terminal has gone: " + e.getMessage());
        }
    }

    @Override
    public void close() {
        try (arena) {
            setAttributes.tcsetattr(STDIN, NOW, before); // the terminal may already be gone
            write(CLOSE);
        }
    }
}
