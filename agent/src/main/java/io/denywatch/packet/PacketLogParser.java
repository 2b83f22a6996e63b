package io.denywatch.packet;

import java.util.List;

/** Parses one log line. Not thread-safe: confined to the thread that parses. */
public final class PacketLogParser {
    public static PacketLogParser withPrefixes(List<String> prefixes, SyslogTime time) {
        throw new UnsupportedOperationException();
    }

    public static PacketLogParser anyPrefix(SyslogTime time) {
        throw new UnsupportedOperationException();
    }

    public LineKind parse(byte[] buffer, int offset, int length, DeniedPacket into) {
        throw new UnsupportedOperationException();
    }
}
