package io.denywatch.doctor;

import java.util.List;
import java.util.stream.Stream;

/** Whether the kernel logs packets of network namespaces other than its first, where that is what nodes are. */
record NamespacesCheck(Node node) implements Check {
    private static final String LOG_ALL = "/proc/sys/net/netfilter/nf_log_all_netns";
    private static final List<String> SIGNS_OF_CONTAINERS =
            List.of("/kind/version", "/.dockerenv", "/run/.containerenv");

    @Override
    public List<Finding> findings() {
        String value = node.text(LOG_ALL).strip(); // the first namespace alone has this setting
        Stream<String> signs = SIGNS_OF_CONTAINERS.stream().filter(node::exists);
        return signs.findFirst()
                .filter(_ -> !value.equals("1"))
                .map(sign -> List.of(
                        FindingKind.NAMESPACES_NOT_LOGGED.found(sign + ": is there; net.netfilter.nf_log_all_netns "
                                + (value.isEmpty() ? "cannot be seen from here" : "is " + value))))
                .orElse(List.of());
    }
}
