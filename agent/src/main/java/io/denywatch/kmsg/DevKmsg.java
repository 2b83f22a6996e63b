package io.denywatch.kmsg;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The log of the kernel that runs this process, read from {@code /dev/kmsg}. See {@link KernelLog} for the threads that
 * use it.
 */
final class DevKmsg implements KernelLog {
    static final Path DEVICE = Path.of("/dev/kmsg");

    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Path UPTIME = Path.of("/proc/uptime");
    private static final double MICROS_PER_SECOND = 1e6;

    // Never ask this channel for its position or size: the device fails on both.
    private record Device(FileChannel channel) implements Records {
        @Override
        public int read(ByteBuffer into) throws IOException {
            return channel.read(into);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }

    @Override
    public Records open() throws IOException {
        return new Device(FileChannel.open(DEVICE, StandardOpenOption.READ));
    }

    @Override
    public String bootId() throws IOException {
        return read(BOOT_ID);
    }

    @Override
    public long uptimeMicros() throws IOException {
        String uptime = read(UPTIME);
        try {
            return (long) (Double.parseDouble(uptime.split(" ", -1)[0]) * MICROS_PER_SECOND);
        } catch (NumberFormatException e) {
            throw new IOException(UPTIME + " does not begin with a number: " + uptime, e);
        }
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file, StandardCharsets.US_ASCII).strip();
    }
}
