package io.denywatch.cluster.survey;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.FailsafePorts.FailsafePort;
import io.denywatch.policy.Protocol;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** Failsafe ports as FelixConfiguration gives them. */
class FailsafeListTest {
    private static final JsonMapper JSON = new JsonMapper();

    private static FelixSettings with(FelixSettings general, String object) {
        return general.with(JSON.readTree(object.replace('\'', '"')));
    }

    @Test
    void aListReplacesFelixOwnAndAnEmptyOneIsNone() {
        FelixSettings general = with(
                FelixSettings.DEFAULT,
                "{'spec': {'failsafeInboundHostPorts': [{'protocol': 'TCP', 'port': 22, 'net': '10.0.0.7/8'},"
                        + " {'protocol': 'udp', 'port': 68, 'net': '2001:db8::1'}]}}");
        FelixSettings own =
                with(general, "{'spec': {'failsafeInboundHostPorts': [], 'failsafeOutboundHostPorts': null}}");

        assertEquals(
                List.of(
                        new FailsafePort(Protocol.TCP, 22, IpPrefix.parse("10.0.0.0/8")),
                        new FailsafePort(Protocol.UDP, 68, IpPrefix.parse("2001:db8::1"))),
                general.failsafePorts().inbound());
        assertEquals(FailsafePorts.DEFAULT.outbound(), general.failsafePorts().outbound());
        assertEquals(List.of(), own.failsafePorts().inbound());
        assertEquals(FailsafePorts.DEFAULT.outbound(), own.failsafePorts().outbound());
        assertEquals(List.of(), own.problems());
    }

    /** Each of them ends Felix, or is read by it in another way than here: nothing is then taken for open. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'spec': {'failsafeInboundHostPorts': [{'protocol': 'SCTP', 'port': 5000}]}}",
                "{'spec': {'failsafeInboundHostPorts': [{'port': 22}]}}",
                "{'spec': {'failsafeInboundHostPorts': [{'protocol': 'TCP', 'port': 65536}]}}",
                "{'spec': {'failsafeInboundHostPorts': [{'protocol': 'TCP', 'port': '22'}]}}",
                "{'spec': {'failsafeInboundHostPorts': [{'protocol': 'TCP', 'port': 22, 'net': '10.0.0.0/33'}]}}",
                "{'spec': {'failsafeInboundHostPorts': [{'protocol': 'TCP', 'port': 22}, 'none']}}",
                "{'spec': {'failsafeInboundHostPorts': 'none'}}",
                "{'metadata': {'annotations': {'config.projectcalico.org/FailsafeInboundHostPorts': 'none'}}}",
                "{'metadata': {'annotations': {'config.projectcalico.org/failsafeinboundhostports': 'tcp:22'}}}",
            })
    void whatCannotBeReadKeepsNothingOpenAndIsSaid(String object) {
        FelixSettings read = with(FelixSettings.DEFAULT, object);

        assertEquals(List.of(), read.failsafePorts().inbound());
        assertEquals(FailsafePorts.DEFAULT.outbound(), read.failsafePorts().outbound());
        assertEquals(1, read.problems().size());
        assertTrue(
                read.problems().getFirst().startsWith("failsafeInboundHostPorts of FelixConfiguration: "),
                read.problems()::toString);
    }
}
