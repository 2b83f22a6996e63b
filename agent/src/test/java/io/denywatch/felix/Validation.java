package io.denywatch.felix;

import io.denywatch.felix.Model.Rule;
import io.denywatch.felix.Model.Side;
import java.util.HashSet;
import java.util.List;
import java.util.stream.Stream;

/**
 * What felix/calc/validation_filter.go takes for missing: libcalico-go/lib/validator/v1 with the tags of
 * libcalico-go/lib/backend/model.
 */
final class Validation {
    private final Release release;

    Validation(Release release) {
        this.release = release;
    }

    boolean accepts(Model.Policy policy) {
        return isSelector(policy.selector())
                && policy.hints().stream().allMatch("AssumeNeededOnEveryNode"::equals)
                && new HashSet<>(policy.hints()).size() == policy.hints().size()
                && Stream.concat(policy.inbound().stream(), policy.outbound().stream())
                        .allMatch(this::accepts);
    }

    private boolean accepts(Rule rule) {
        return (rule.ipVersion() == null || rule.ipVersion() == 4 || rule.ipVersion() == 6)
                && (rule.protocol() == null || rule.protocol().isValid())
                && (rule.notProtocol() == null || rule.notProtocol().isValid())
                && rule.icmp().isValid()
                && rule.notIcmp().isValid()
                && hasPortsAllowed(rule)
                && accepts(rule.source())
                && accepts(rule.destination());
    }

    private boolean accepts(Side side) {
        return Stream.concat(side.ports().stream(), side.notPorts().stream()).allMatch(Model.Port::isValid)
                && isSelector(side.selector())
                && side.originals().stream().allMatch(this::isSelector);
    }

    private boolean hasPortsAllowed(Rule rule) {
        if (rule.protocol() == null && release.allowsNamedPortsAlone()) {
            return !rule.source().hasNumericPorts() && !rule.destination().hasNumericPorts();
        }
        return (rule.protocol() != null && rule.protocol().supportsPorts())
                || (!rule.source().hasPorts() && !rule.destination().hasPorts());
    }

    private boolean isSelector(String text) {
        return ExprParser.parse(text, release).isPresent();
    }

    boolean accepts(Model.HostEndpoint endpoint) {
        String name = endpoint.interfaceName();
        return (name.isEmpty() || name.equals("*") || name.matches("[a-zA-Z0-9_.-]{1,15}"))
                && acceptsLabels(endpoint.labels())
                && endpoint.profiles().stream().allMatch(Validation::isName)
                && endpoint.ports().stream()
                        .allMatch(port -> isName(port.name())
                                && port.port() > 0
                                && List.of("tcp", "udp", "sctp")
                                        .contains(port.protocol().name()));
    }

    boolean accepts(Model.NetworkSet set) {
        return acceptsLabels(set.labels());
    }

    private boolean acceptsLabels(java.util.Map<String, String> labels) {
        return !release.checksLabels()
                || labels.entrySet().stream()
                        .allMatch(label -> ExprParser.isLabel(label.getKey())
                                && label.getValue().matches("[a-zA-Z0-9]?([a-zA-Z0-9_.-]{0,61}[a-zA-Z0-9])?"));
    }

    private static boolean isName(String text) {
        return text.matches("[a-zA-Z0-9_.-]{1,128}");
    }
}
