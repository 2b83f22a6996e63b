package io.denywatch.api;

import java.math.BigDecimal;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * Denied traffic as a whole: what a replay counted, or what a simulation wrote.
 *
 * @param lines of any kind
 * @param packets with repeats
 * @param bytes of the packets, with repeats
 * @param unrecognized lines with one of our prefixes that are not understood
 * @param malformed lines by reason
 * @param suppressed lines that others dropped, by whom
 * @param from time of the first packet; null without packets that have a time
 * @param to time of the last packet; null likewise
 * @param millis that the run took
 * @param nlbs the load balancers by descending packets, then in the order of their addresses
 */
public record TrafficReport(
        long lines,
        long packets,
        long bytes,
        long unrecognized,
        Map<String, Long> malformed,
        Map<String, Long> suppressed,
        @Nullable Instant from,
        @Nullable Instant to,
        long millis,
        List<Nlb> nlbs) {

    /**
     * Traffic to one load balancer.
     *
     * @param nlb its address, or {@code other}
     * @param packets with repeats
     * @param bytes with repeats
     * @param sources distinct
     * @param topSources by descending packets
     * @param topPorts by descending packets
     */
    public record Nlb(String nlb, long packets, long bytes, long sources, List<Source> topSources, List<Port> topPorts) {}

    /**
     * Traffic from one source.
     *
     * @param source an address, or the block of an IPv6 address
     * @param packets the lower bound
     * @param atMost the upper bound
     */
    public record Source(String source, long packets, long atMost) {}

    /**
     * Traffic to one port.
     *
     * @param protocol as in {@link io.denywatch.denial.Transport#label}
     * @param port 0 to 65535, or -1 for packets without one
     * @param packets with repeats
     */
    public record Port(String protocol, int port, long packets) {
        /** Most packets first, then by protocol, then by port. */
        public static final Comparator<Port> ORDER = Comparator.comparingLong(Port::packets)
                .reversed()
                .thenComparing(Port::protocol)
                .thenComparingInt(Port::port);
    }

    /**
     * Writes one JSON object.
     *
     * @param bounded whether counts of sources have an upper bound apart from the count
     * @param more writes further properties of the object
     */
    public void write(JsonGenerator json, boolean bounded, Consumer<JsonGenerator> more) {
        json.writeStartObject();
        json.writeNumberProperty("lines", lines);
        json.writeNumberProperty("packets", packets);
        json.writeNumberProperty("bytes", bytes);
        json.writeNumberProperty("unrecognized", unrecognized);
        counts(json, "malformed", malformed);
        counts(json, "suppressed", suppressed);
        time(json, "from", from);
        time(json, "to", to);
        json.writeName("seconds");
        json.writeNumber(BigDecimal.valueOf(millis, 3));
        json.writeArrayPropertyStart("nlbs");
        for (Nlb nlb : nlbs) {
            write(json, nlb, bounded);
        }
        json.writeEndArray();
        more.accept(json);
        json.writeEndObject();
    }

    private static void write(JsonGenerator json, Nlb nlb, boolean bounded) {
        json.writeStartObject();
        json.writeStringProperty("nlb", nlb.nlb);
        json.writeNumberProperty("packets", nlb.packets);
        json.writeNumberProperty("bytes", nlb.bytes);
        json.writeNumberProperty("sources", nlb.sources);
        json.writeArrayPropertyStart("topSources");
        for (Source source : nlb.topSources) {
            json.writeStartObject();
            json.writeStringProperty("source", source.source);
            json.writeNumberProperty("packets", source.packets);
            if (bounded) {
                json.writeNumberProperty("atMost", source.atMost);
            }
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeArrayPropertyStart("topPorts");
        for (Port port : nlb.topPorts) {
            json.writeStartObject();
            if (port.port >= 0) {
                json.writeNumberProperty("port", port.port);
            }
            json.writeStringProperty("protocol", port.protocol);
            json.writeNumberProperty("packets", port.packets);
            json.writeEndObject();
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private static void counts(JsonGenerator json, String name, Map<String, Long> counts) {
        json.writeObjectPropertyStart(name);
        counts.forEach(json::writeNumberProperty);
        json.writeEndObject();
    }

    private static void time(JsonGenerator json, String name, @Nullable Instant time) {
        if (time == null) {
            json.writeNullProperty(name);
        } else {
            json.writeStringProperty(name, time.toString());
        }
    }
}
