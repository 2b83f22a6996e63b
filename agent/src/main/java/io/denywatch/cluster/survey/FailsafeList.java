package io.denywatch.cluster.survey;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.FailsafePorts.Entry;
import io.denywatch.policy.Protocol;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One of the two lists of failsafe ports in a FelixConfiguration, as Felix reads it (felixconfigprocessor.go in libcalico-go,
 * felix/config/param_types.go, v3.31.7): an empty one is none, one that is missing is inherited, and one with an entry that
 * is not TCP or UDP ends Felix.
 *
 * @param entries empty if the list cannot be read: then no port counts as open
 * @param problem what cannot be read; empty if nothing
 */
record FailsafeList(List<Entry> entries, String problem) {
    /** A setting in an annotation replaces the one in the spec. */
    private static final String ANNOTATION = "config.projectcalico.org/";

    private static final int PORT_MAX = 65_535;

    FailsafeList {
        entries = List.copyOf(entries);
    }

    /** The list of this name in a FelixConfiguration; empty where it is not given. */
    static Optional<FailsafeList> in(JsonNode object, String name) {
        JsonNode annotations = object.path("metadata").path("annotations");
        for (String key : annotations.propertyNames()) {
            if (key.equalsIgnoreCase(ANNOTATION + name)) {
                return Optional.of(unreadable(name, "annotation " + key));
            }
        }
        JsonNode list = object.path("spec").path(name);
        if (list.isMissingNode() || list.isNull()) {
            return Optional.empty();
        }
        if (!list.isArray()) {
            return Optional.of(unreadable(name, list.toString()));
        }
        List<Entry> entries = new ArrayList<>();
        for (JsonNode item : list) {
            Entry entry = entry(item);
            if (entry == null) {
                return Optional.of(unreadable(name, item.toString()));
            }
            entries.add(entry);
        }
        return Optional.of(new FailsafeList(entries, ""));
    }

    private static FailsafeList unreadable(String name, String what) {
        return new FailsafeList(List.of(), name + " of FelixConfiguration: " + what);
    }

    private static @Nullable Entry entry(JsonNode item) {
        Protocol protocol = switch (item.path("protocol").asString("").toLowerCase(Locale.ROOT)) {
            case "tcp" -> Protocol.TCP;
            case "udp" -> Protocol.UDP;
            default -> null;
        };
        int port = item.path("port").isInt() ? item.path("port").asInt() : -1;
        String net = item.path("net").asString("");
        Optional<IpPrefix> block = IpPrefix.covering(net);
        if (protocol == null || port < 0 || port > PORT_MAX || (!net.isEmpty() && block.isEmpty())) {
            return null;
        }
        return new Entry(protocol, port, block.orElse(null));
    }
}
