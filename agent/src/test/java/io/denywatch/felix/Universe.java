package io.denywatch.felix;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import tools.jackson.databind.JsonNode;

/** Random packets: at the edges of what objects name, and of a small fixed world. */
final class Universe {
    private static final List<String> V4 = List.of("10.0.0.0", "10.0.0.1", "10.0.0.2", "10.1.0.1", "192.0.2.1");
    private static final List<String> V6 = List.of("2001:db8::", "2001:db8::1", "2001:db8:1::1");
    private static final int[] PROTOCOLS = {6, 6, 6, 6, 17, 17, 1, 58, 132, 136, 47};
    private static final List<Integer> PORTS = List.of(79, 80, 80, 81, 443, 30_000, 31_000, 32_767);

    private final List<byte[]> v4 = new ArrayList<>();
    private final List<byte[]> v6 = new ArrayList<>();
    private final List<Integer> ports = new ArrayList<>(PORTS);
    private final Random random;

    Universe(Objects objects, Random random) {
        this.random = random;
        V4.forEach(this::addAddresses);
        V6.forEach(this::addAddresses);
        objects.kinds().forEach(kind -> kind.forEach(this::add));
    }

    private void add(JsonNode node) {
        if (node.isString()) {
            addAddresses(node.asString());
            addPorts(node.asString());
        } else if (node.isInt()) {
            addPorts(node.asString());
        }
        node.forEach(this::add);
    }

    /** The first address of a block, and the last. */
    private void addAddresses(String text) {
        Cidr.parse(text).ifPresent(cidr -> {
            List<byte[]> known = cidr.ipVersion() == 4 ? v4 : v6;
            known.add(cidr.network());
            byte[] last = cidr.network().clone();
            for (int i = cidr.length(); i < last.length * 8; i++) {
                last[i / 8] |= (byte) (0x80 >> i % 8);
            }
            if (cidr.length() < last.length * 8) {
                known.add(last);
            }
        });
    }

    private void addPorts(String text) {
        for (String end : text.split(":", -1)) {
            if (end.matches("[0-9]{1,5}") && Integer.parseInt(end) <= 65_535) {
                ports.add(Integer.parseInt(end));
            }
        }
    }

    Packet draw() {
        List<byte[]> addresses = random.nextInt(4) == 0 ? v6 : v4;
        int protocol = PROTOCOLS[random.nextInt(PROTOCOLS.length)];
        boolean icmp = protocol == 1 || protocol == 58;
        boolean hasPorts = !icmp && protocol != 47;
        return new Packet(
                any(addresses),
                any(addresses),
                protocol,
                hasPorts ? random.nextInt(3) == 0 ? 80 : 1_000 : 0,
                hasPorts ? any(ports) : 0,
                icmp ? random.nextBoolean() ? 8 : 128 : -1,
                icmp ? random.nextInt(2) : -1,
                pods(),
                pods(),
                random.nextLong());
    }

    /** The same to another destination: what DNAT makes of it. */
    Packet rewritten(Packet packet) {
        return new Packet(
                packet.source(),
                any(packet.ipVersion() == 4 ? v4 : v6),
                packet.protocol(),
                packet.sourcePort(),
                packet.destinationPort() == 0 ? 0 : any(ports),
                packet.icmpType(),
                packet.icmpCode(),
                packet.sourcePods(),
                pods(),
                random.nextLong());
    }

    private <T> T any(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private List<Map<String, String>> pods() {
        return random.nextInt(3) == 0 ? List.of(any(Packet.PODS)) : List.of();
    }
}
