package io.denywatch.packet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpText;
import io.denywatch.packet.ReferenceParser.Mode;
import io.denywatch.packet.ReferenceParser.Result;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** What {@link PacketLogParser} made of a line, in the words of {@link ReferenceParser}. */
final class ParsedFields {
    private final DeniedPacket packet;
    private final byte[] buffer;
    private final SortedMap<String, Object> fields = new TreeMap<>();

    private ParsedFields(DeniedPacket packet, byte[] buffer) {
        this.packet = packet;
        this.buffer = buffer;
    }

    /** A parser for nodes in UTC. */
    static PacketLogParser parser(Mode mode, Instant reference) {
        SyslogTime time = new SyslogTime(ZoneOffset.UTC);
        time.reference(ChronoUnit.MICROS.between(Instant.EPOCH, reference));
        return mode.any() ? PacketLogParser.anyPrefix(time) : PacketLogParser.withPrefixes(mode.prefixes(), time);
    }

    /** Parses a window of a buffer. */
    static Result parse(PacketLogParser parser, byte[] buffer, int offset, int length) {
        DeniedPacket packet = new DeniedPacket();
        LineKind kind = parser.parse(buffer, offset, length, packet);
        return result(kind, packet, buffer, offset, length);
    }

    /** Parses a window of a buffer that holds a message without an envelope. */
    static Result parseKernelMessage(PacketLogParser parser, byte[] buffer, int offset, int length, long unixMicros) {
        DeniedPacket packet = new DeniedPacket();
        LineKind kind = parser.parseKernelMessage(buffer, offset, length, unixMicros, packet);
        return result(kind, packet, buffer, offset, length);
    }

    private static Result result(LineKind kind, DeniedPacket packet, byte[] buffer, int offset, int length) {
        ParsedFields parsed = new ParsedFields(packet, buffer);
        return switch (kind) {
            case PACKET, RESPONSE_ESTABLISHED, RESPONSE_RESET, RESPONSE_ICMP_ERROR -> {
                parsed.line();
                yield new Result(kind, null, parsed.fields);
            }
            case SUPPRESSION, REPETITION -> {
                parsed.fields.put("suppressor", packet.suppressor());
                parsed.fields.put("lost", packet.suppressedLines());
                yield new Result(kind, null, parsed.fields);
            }
            case OTHER, UNRECOGNIZED -> new Result(kind, null, new TreeMap<>());
            case MALFORMED -> {
                int at = packet.malformedAt();
                if (at < offset || at > offset + length) {
                    throw new AssertionError("malformed at " + at + ", outside " + offset + " + " + length);
                }
                yield Result.malformed(packet.malformation());
            }
        };
    }

    private void line() {
        if (packet.timeMicros() != DeniedPacket.NO_TIME) {
            fields.put("time", Instant.EPOCH.plus(packet.timeMicros(), ChronoUnit.MICROS));
        }
        fields.put("repeat", (long) packet.repeat());
        text("host", packet.start(DeniedPacket.HOST), packet.end(DeniedPacket.HOST));
        text("prefix", packet.start(DeniedPacket.PREFIX), packet.end(DeniedPacket.PREFIX));
        text("in", packet.start(DeniedPacket.IN), packet.end(DeniedPacket.IN));
        text("out", packet.start(DeniedPacket.OUT), packet.end(DeniedPacket.OUT));
        text("physIn", packet.start(DeniedPacket.PHYS_IN), packet.end(DeniedPacket.PHYS_IN));
        text("physOut", packet.start(DeniedPacket.PHYS_OUT), packet.end(DeniedPacket.PHYS_OUT));
        text("mac", packet.start(DeniedPacket.MAC), packet.end(DeniedPacket.MAC));
        number(fields, "mark", packet.mark());
        number(fields, "uid", packet.uid());
        number(fields, "gid", packet.gid());
        header(packet.outer(), fields);
        if (packet.hasInner()) {
            SortedMap<String, Object> inner = new TreeMap<>();
            header(packet.inner(), inner);
            fields.put("inner", inner);
        }
    }

    private static void header(PacketHeader header, SortedMap<String, Object> into) {
        into.put("src", address(header.isIpv6(), header.sourceHigh(), header.sourceLow()));
        into.put("dst", address(header.isIpv6(), header.destinationHigh(), header.destinationLow()));
        number(into, "len", header.length());
        number(into, "tos", header.tos());
        number(into, "prec", header.precedence());
        number(into, "ttl", header.ttl());
        number(into, "id", header.id());
        flag(into, "df", header.dontFragment());
        flag(into, "mf", header.moreFragments());
        flag(into, "ce", header.reservedBit());
        number(into, "frag", header.fragmentOffset());
        number(into, "spt", header.sourcePort());
        number(into, "dpt", header.destinationPort());
        number(into, "udpLen", header.udpLength());
        number(into, "window", header.window());
        number(into, "icmpType", header.icmpType());
        number(into, "icmpCode", header.icmpCode());
        number(into, "incomplete", header.incompleteBytes());
        if (header.protocol() != PacketHeader.NONE) {
            into.put("proto", IpProtocol.text(header.protocol()));
        }
        List<String> flags = flags(header.tcpFlags());
        if (!flags.isEmpty()) {
            into.put("flags", flags);
        }
    }

    private static List<String> flags(int bits) {
        List<String> names = List.of("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "AE");
        List<String> set = new ArrayList<>();
        for (int bit = names.size() - 1; bit >= 0; bit--) {
            if ((bits >> bit & 1) != 0) {
                set.add(names.get(bit));
            }
        }
        return set;
    }

    private static String address(boolean ipv6, long high, long low) {
        return ipv6 ? IpText.ipv6(high, low) : new Ip(high, low).toString();
    }

    private static void number(SortedMap<String, Object> into, String field, long value) {
        if (value != PacketHeader.NONE) {
            into.put(field, value);
        }
    }

    private static void flag(SortedMap<String, Object> into, String field, boolean value) {
        if (value) {
            into.put(field, true);
        }
    }

    private void text(String field, int start, int end) {
        if (end > start) {
            fields.put(field, new String(buffer, start, end - start, ISO_8859_1));
        }
    }
}
