package io.denywatch.command;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.ip.Ip;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Counts a simulated log anew, by plain means and nothing of the code that wrote it. */
public final class Recount {
    private static final Pattern PACKET = Pattern.compile(
            "^\\S+ worker-1 kernel: (?:message repeated (\\d+) times: \\[ )?"
                    + "calico-packet: IN=eth1 OUT= MAC=\\S+ SRC=(\\S+) DST=(\\S+) LEN=(\\d+) .*?PROTO=(\\w+) (?:SPT=\\d+ DPT=(\\d+) )?.*");
    private static final int TOP = 20;

    public final Map<String, Nlb> nlbs = new HashMap<>();
    public long lines;
    public long packets;
    public long bytes;

    static final class Nlb {
        final Map<String, Long> sources = new HashMap<>();
        final Map<String, Long> ports = new HashMap<>();
        public long packets;
        public long bytes;
    }

    public static Recount of(List<String> lines) {
        Recount recount = new Recount();
        lines.forEach(recount::add);
        return recount;
    }

    private void add(String line) {
        lines++;
        Matcher packet = PACKET.matcher(line);
        if (!packet.matches()) {
            return;
        }
        long repeat = packet.group(1) == null ? 1 : Long.parseLong(packet.group(1));
        long length = Long.parseLong(packet.group(4)) * repeat;
        Nlb nlb = nlbs.computeIfAbsent(Ip.parse(packet.group(3)).toString(), address -> new Nlb());
        packets += repeat;
        bytes += length;
        nlb.packets += repeat;
        nlb.bytes += length;
        nlb.sources.merge(source(packet.group(2)), repeat, Long::sum);
        String protocol = packet.group(5).toLowerCase(Locale.ROOT);
        String port = packet.group(6) == null ? "" : "/" + packet.group(6);
        nlb.ports.merge(protocol + port, repeat, Long::sum);
    }

    private static String source(String address) {
        Ip ip = Ip.parse(address);
        return ip.isIpv4() ? address : new Ip(ip.high(), 0) + "/64";
    }

    public void assertEqualTo(JsonNode truth) {
        Nlb nlb = nlbs.getOrDefault(truth.get("nlb").asString(), new Nlb());
        assertEquals(nlb.packets, truth.get("packets").asLong());
        assertEquals(nlb.bytes, truth.get("bytes").asLong());
        assertEquals(nlb.sources.size(), truth.get("sources").asInt());

        List<String> topSources = nlb.sources.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue()
                        .reversed()
                        .thenComparing(entry -> Ip.parse(entry.getKey().replace("/64", ""))))
                .limit(TOP)
                .map(Object::toString)
                .toList();
        assertEquals(
                topSources,
                truth.get("topSources").values().stream()
                        .map(source -> source.get("source").asString() + "=" + source.get("packets"))
                        .toList());

        List<String> topPorts = nlb.ports.entrySet().stream()
                .sorted(Map.Entry.<String, Long>comparingByValue()
                        .reversed()
                        .thenComparing(entry -> entry.getKey().replaceAll("/.*", ""))
                        .thenComparing(Recount::port, Comparator.naturalOrder()))
                .limit(TOP)
                .map(Object::toString)
                .toList();
        assertEquals(
                topPorts,
                truth.get("topPorts").values().stream()
                        .map(port -> port.get("protocol").asString() + (port.has("port") ? "/" + port.get("port") : "")
                                + "=" + port.get("packets"))
                        .toList());
    }

    private static int port(Map.Entry<String, Long> entry) {
        int slash = entry.getKey().indexOf('/');
        return slash < 0 ? -1 : Integer.parseInt(entry.getKey().substring(slash + 1));
    }
}
