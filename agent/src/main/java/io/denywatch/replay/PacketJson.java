package io.denywatch.replay;

import static io.denywatch.packet.PacketHeader.NONE;

import io.denywatch.ip.Ip;
import io.denywatch.ip.IpText;
import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.IpProtocol;
import io.denywatch.packet.LineKind;
import io.denywatch.packet.Misunderstanding;
import io.denywatch.packet.PacketHeader;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import tools.jackson.core.JsonGenerator;

/** Writes parsed lines as JSON objects; fields that a line does not have are omitted. */
final class PacketJson {
    /** In the order in which the kernel prints them. */
    private static final String[] FLAGS = {"AE", "CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN"};

    private final JsonGenerator json;

    PacketJson(JsonGenerator json) {
        this.json = json;
    }

    /** Writes a packet or response line. */
    void packet(byte[] line, LineKind kind, DeniedPacket packet) {
        json.writeStartObject();
        if (packet.timeMicros() != DeniedPacket.NO_TIME) {
            json.writeStringProperty("time", time(packet.timeMicros()).toString());
        }
        range("host", line, packet.start(DeniedPacket.HOST), packet.end(DeniedPacket.HOST));
        range("prefix", line, packet.start(DeniedPacket.PREFIX), packet.end(DeniedPacket.PREFIX));
        json.writeStringProperty("kind", kind.label());
        json.writeNumberProperty("repeat", packet.repeat());
        range("in", line, packet.start(DeniedPacket.IN), packet.end(DeniedPacket.IN));
        range("out", line, packet.start(DeniedPacket.OUT), packet.end(DeniedPacket.OUT));
        range("physIn", line, packet.start(DeniedPacket.PHYS_IN), packet.end(DeniedPacket.PHYS_IN));
        range("physOut", line, packet.start(DeniedPacket.PHYS_OUT), packet.end(DeniedPacket.PHYS_OUT));
        range("mac", line, packet.start(DeniedPacket.MAC), packet.end(DeniedPacket.MAC));
        header(packet.outer());
        number("mark", packet.mark());
        number("uid", packet.uid());
        number("gid", packet.gid());
        if (packet.hasInner()) {
            json.writeObjectPropertyStart("inner");
            header(packet.inner());
            json.writeEndObject();
        }
        json.writeEndObject();
        json.writeRaw('\n');
    }

    /**
     * Writes a malformed line.
     *
     * @param lineAt offset of the line in its file
     */
    void malformed(byte[] line, int offset, int length, long lineAt, DeniedPacket packet) {
        json.writeStartObject();
        json.writeStringProperty("kind", LineKind.MALFORMED.label());
        json.writeStringProperty("reason", packet.malformation().label());
        json.writeNumberProperty("offset", lineAt);
        json.writeNumberProperty("column", packet.malformedAt() - offset);
        json.writeStringProperty("text", new String(line, offset, length, StandardCharsets.UTF_8));
        json.writeEndObject();
        json.writeRaw('\n');
    }

    /**
     * Writes a line that is not understood.
     *
     * @param lineAt offset of the line in its file
     */
    void unrecognized(byte[] line, int offset, int length, long lineAt, Misunderstanding reason) {
        json.writeStartObject();
        json.writeStringProperty("kind", LineKind.UNRECOGNIZED.label());
        json.writeStringProperty("reason", reason.label());
        json.writeNumberProperty("offset", lineAt);
        json.writeStringProperty("text", new String(line, offset, length, StandardCharsets.UTF_8));
        json.writeEndObject();
        json.writeRaw('\n');
    }

    /** A packet's time as an instant. */
    static Instant time(long unixMicros) {
        return Instant.EPOCH.plus(unixMicros, ChronoUnit.MICROS);
    }

    private void header(PacketHeader header) {
        json.writeStringProperty("src", address(header.isIpv6(), header.sourceHigh(), header.sourceLow()));
        json.writeStringProperty("dst", address(header.isIpv6(), header.destinationHigh(), header.destinationLow()));
        number("len", header.length());
        number("tos", header.tos());
        number("prec", header.precedence());
        number("ttl", header.ttl());
        number("id", header.id());
        flag("df", header.dontFragment());
        flag("mf", header.moreFragments());
        flag("ce", header.reservedBit());
        number("frag", header.fragmentOffset());
        if (header.protocol() != NONE) {
            json.writeStringProperty("proto", IpProtocol.text(header.protocol()));
        }
        number("spt", header.sourcePort());
        number("dpt", header.destinationPort());
        number("udpLen", header.udpLength());
        flags(header.tcpFlags());
        number("window", header.window());
        number("icmpType", header.icmpType());
        number("icmpCode", header.icmpCode());
        number("incomplete", header.incompleteBytes());
    }

    private static String address(boolean ipv6, long high, long low) {
        return ipv6 ? IpText.ipv6(high, low) : new Ip(high, low).toString();
    }

    private void flags(int set) {
        if (set == 0) {
            return;
        }
        json.writeArrayPropertyStart("flags");
        for (int i = 0; i < FLAGS.length; i++) {
            if ((set & PacketHeader.AE >>> i) != 0) {
                json.writeString(FLAGS[i]);
            }
        }
        json.writeEndArray();
    }

    private void range(String name, byte[] line, int start, int end) {
        if (end > start) {
            json.writeStringProperty(name, new String(line, start, end - start, StandardCharsets.UTF_8));
        }
    }

    private void number(String name, long value) {
        if (value != NONE) {
            json.writeNumberProperty(name, value);
        }
    }

    private void flag(String name, boolean set) {
        if (set) {
            json.writeBooleanProperty(name, true);
        }
    }
}
