package io.denywatch.packet;

import static io.denywatch.packet.ReferenceReader.rule;

import io.denywatch.packet.ReferenceReader.Malformed;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the kernel prints behind {@code PROTO=}, part of {@link ReferenceBody}. */
final class ReferenceTransport {
    private static final long U8 = 255;
    private static final long U16 = 65_535;
    private static final long U32 = 0xffff_ffffL;

    private static final Map<Long, String> NAMES =
            Map.of(1L, "ICMP", 6L, "TCP", 17L, "UDP", 50L, "ESP", 51L, "AH", 58L, "ICMPv6", 136L, "UDPLITE");

    private static final Pattern INCOMPLETE = rule("INCOMPLETE \\[# bytes\\] ");
    private static final Pattern PORTS = rule("SPT=# DPT=# ");
    private static final Pattern SEQUENCE = rule("SEQ=# ACK=# ");
    private static final Pattern WINDOW = rule("WINDOW=# RES=0x# ");
    private static final Pattern FLAGS =
            rule("((?:AE )?(?:CWR )?(?:ECE )?(?:URG )?(?:ACK )?(?:PSH )?(?:RST )?(?:SYN )?(?:FIN )?)URGP=# ");
    private static final Pattern UDP_LENGTH = rule("LEN=# ");
    private static final Pattern SPI = rule("SPI=0x# ");
    private static final Pattern TYPE = rule("TYPE=# CODE=# ");
    private static final Pattern ECHO = rule("ID=# SEQ=# ");
    private static final Pattern PARAMETER = rule("PARAMETER=# ");
    private static final Pattern GATEWAY = rule("GATEWAY=# ");
    private static final Pattern POINTER = rule("POINTER=# ");
    private static final Pattern MTU = rule("MTU=# ");
    /** At the netdev egress hook the bracket is left out and the MTU printed all the same. */
    private static final Pattern MTU_KEY = Pattern.compile("(?=MTU=)");

    private static final Pattern HEADER_KEY = Pattern.compile("(?=INCOMPLETE |SPT=|TYPE=|SPI=)");

    private final ReferenceReader reader;
    private final Nested nested;

    ReferenceTransport(ReferenceReader reader, Nested nested) {
        this.reader = reader;
        this.nested = nested;
    }

    /** Takes the bracket of an ICMP error. */
    @FunctionalInterface
    interface Nested {
        /** Whether there was a bracket. */
        boolean take(boolean ipv6);
    }

    /**
     * Takes the transport header.
     *
     * @param names what the kernel prints by name in this address family
     * @return whether UID and MARK may follow
     */
    boolean read(
            Matcher proto,
            List<String> names,
            boolean laterFragment,
            boolean insideBracket,
            SortedMap<String, Object> into) {
        String text = proto.group(1);
        boolean byName = names.contains(text);
        String name = byName ? text : numbered(proto, names);
        into.put("proto", name);
        if (laterFragment || !names.contains(name) || (!byName && !reader.takes(HEADER_KEY))) {
            return true;
        }
        return switch (name) {
            case "TCP" -> tcp(into);
            case "UDP", "UDPLITE" -> udp(into);
            case "ICMP" -> icmp(into, insideBracket);
            case "ICMPv6" -> icmp6(into, insideBracket);
            default -> security(into);
        };
    }

    private String numbered(Matcher proto, List<String> names) {
        String text = proto.group(1);
        boolean begun =
                reader.atEnd() && !reader.endsWithBlank() && names.stream().anyMatch(n -> n.startsWith(text));
        if (begun) {
            throw new Malformed(Malformation.CUT);
        }
        long number = reader.decimal(proto, 1, U8);
        return NAMES.getOrDefault(number, Long.toString(number));
    }

    private boolean incomplete(SortedMap<String, Object> into) {
        Matcher incomplete = reader.optional(INCOMPLETE);
        if (incomplete == null) {
            return false;
        }
        into.put("incomplete", reader.decimal(incomplete, 1, U32));
        return true;
    }

    private void ports(SortedMap<String, Object> into) {
        Matcher ports = reader.required(PORTS);
        into.put("spt", reader.decimal(ports, 1, U16));
        into.put("dpt", reader.decimal(ports, 2, U16));
    }

    private boolean tcp(SortedMap<String, Object> into) {
        if (incomplete(into)) {
            return false;
        }
        ports(into);
        Matcher sequence = reader.optional(SEQUENCE);
        if (sequence != null) {
            reader.decimal(sequence, 1, U32);
            reader.decimal(sequence, 2, U32);
        }
        Matcher window = reader.required(WINDOW);
        into.put("window", reader.decimal(window, 1, U16));
        reader.hexadecimal(window, 2, ReferenceBody.LOWER_BYTE);
        Matcher flags = reader.required(FLAGS);
        if (!flags.group(1).isEmpty()) {
            into.put("flags", List.of(flags.group(1).split(" ")));
        }
        reader.decimal(flags, 2, U16);
        if (reader.takes(ReferenceBody.OPTIONS_TRUNCATED)) {
            return false;
        }
        ReferenceBody.options(reader);
        return true;
    }

    private boolean udp(SortedMap<String, Object> into) {
        if (incomplete(into)) {
            return false;
        }
        ports(into);
        into.put("udpLen", reader.decimal(reader.required(UDP_LENGTH), 1, U16));
        return true;
    }

    private boolean security(SortedMap<String, Object> into) {
        if (!incomplete(into)) {
            reader.hexadecimal(reader.required(SPI), 1, ReferenceBody.LOWER_1_TO_8);
        }
        return true;
    }

    /** The ICMP type, or null where nothing may follow it. */
    private @Nullable Integer type(SortedMap<String, Object> into) {
        if (incomplete(into)) {
            return null;
        }
        Matcher header = reader.required(TYPE);
        long type = reader.decimal(header, 1, U8);
        into.put("icmpType", type);
        into.put("icmpCode", reader.decimal(header, 2, U8));
        return incomplete(into) ? null : (Integer) (int) type;
    }

    private boolean icmp(SortedMap<String, Object> into, boolean insideBracket) {
        Integer type = type(into);
        if (type == null) {
            return true;
        }
        switch (type) {
            case 0, 8 -> echo();
            case 12 -> reader.decimal(reader.required(PARAMETER), 1, U8);
            case 3, 4, 5, 11 -> {
                if (type == 5) {
                    reader.value(reader.required(GATEWAY), 1, ReferenceBody.IPV4, Malformation.BAD_ADDRESS);
                }
                boolean withMtu = type == 3 && Long.valueOf(4).equals(into.get("icmpCode"));
                boolean bracket = insideBracket || (withMtu && reader.takes(MTU_KEY)) || nested.take(false);
                if (bracket && withMtu) {
                    mtu();
                }
            }
            default -> {}
        }
        return true;
    }

    private boolean icmp6(SortedMap<String, Object> into, boolean insideBracket) {
        Integer type = type(into);
        if (type == null) {
            return true;
        }
        if (Set.of(128, 129).contains(type)) {
            echo();
        } else if (Set.of(1, 2, 3, 4).contains(type)) {
            if (type == 4) {
                reader.hexadecimal(reader.required(POINTER), 1, ReferenceBody.LOWER_8);
            }
            boolean bracket = insideBracket || (type == 2 && reader.takes(MTU_KEY)) || nested.take(true);
            if (bracket && type == 2) {
                mtu();
            }
        }
        return true;
    }

    private void echo() {
        Matcher echo = reader.required(ECHO);
        reader.decimal(echo, 1, U16);
        reader.decimal(echo, 2, U16);
    }

    private void mtu() {
        reader.decimal(reader.required(MTU), 1, U32);
    }
}
