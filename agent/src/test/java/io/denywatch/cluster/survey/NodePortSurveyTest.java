package io.denywatch.cluster.survey;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.cluster.survey.NodePortSurvey.Delivery;
import io.denywatch.cluster.survey.NodePortSurvey.Exposed;
import io.denywatch.ip.IpPrefix;
import io.denywatch.policy.CalicoVersions;
import io.denywatch.policy.FailsafePorts;
import io.denywatch.policy.PolicyState;
import io.denywatch.policy.Protocol;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

class NodePortSurveyTest {
    private static final PolicyState NOTHING = new PolicyState(List.of(), List.of(), List.of(), List.of());

    private static JsonNode yaml(String text) {
        return new YAMLMapper().readTree(text);
    }

    private static NodePortSurvey survey(List<String> nodes, String service) {
        return NodePortSurvey.of(
                nodes.stream().map(NodePortSurveyTest::yaml).toList(), List.of(yaml(service)), NOTHING);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            aws:///eu-central-1a/i-1  |                                    | [{hostname: a.example}]     | NODE_PORTS
            aws:///eu-central-1a/i-1  | service.beta.kubernetes.io/aws-load-balancer-nlb-target-type: ip | [] | ELSEWHERE
            hcloud://1                |                                    | [{ip: 203.0.113.7}]         | NODE_PORTS
            digitalocean://1          |                                    | [{ip: 203.0.113.7}]         | NODE_PORTS
            openstack:///1            |                                    | [{ip: 203.0.113.7}]         | NODE_PORTS
            ibm://a///c/w             |                                    | [{ip: 203.0.113.7}]         | ELSEWHERE
            ibm://a///c/w             |                                    | [{hostname: a.example}]     | NODE_PORTS
            ibm://a///c/w             |                                    | []                          | UNKNOWN
            gce://p/z/n               |                                    | [{ip: 203.0.113.7}]         | CHECKED_FOR_HEALTH
            azure:///s                |                                    | [{ip: 203.0.113.7}]         | CHECKED_AT_NODE_PORTS
            ''                        |                                    | [{ip: 203.0.113.7}]         | UNKNOWN
            ''                        | metallb.io/ip-allocated-from-pool: p | [{ip: 203.0.113.7}]       | ELSEWHERE
            ''                        | kube-vip.io/loadbalancerIPs: 203.0.113.7 | [{ip: 203.0.113.7}]   | ELSEWHERE
            other://1                 |                                    | [{ip: 203.0.113.7, ipMode: Proxy}] | NODE_PORTS
            """)
    void knowsWhereLoadBalancersSendTo(String provider, String annotation, String ingress, Delivery delivery) {
        NodePortSurvey survey = survey(
                List.of("{spec: {providerID: \"" + provider + "\"}}"),
                "{metadata: {namespace: shop, name: web, annotations: {" + (annotation == null ? "" : annotation)
                        + "}}, spec: {type: LoadBalancer, healthCheckNodePort: 32001, ports: [{port: 80, nodePort:"
                        + " 31080}, {port: 53, protocol: UDP}]}, status: {loadBalancer: {ingress: " + ingress + "}}}");

        Exposed service = survey.services().getFirst();
        assertEquals(delivery, service.delivery());
        assertEquals("shop/web", service.name());
        List<String> used = service.balanced().stream()
                .map(NodePortSurvey.OpenPort::toString)
                .toList();
        assertEquals(
                switch (delivery) {
                    case ELSEWHERE, CLIENTS -> List.of();
                    case CHECKED_FOR_HEALTH -> List.of("TCP 32001");
                    case CHECKED_AT_NODE_PORTS, NODE_PORTS, UNKNOWN -> List.of("TCP 31080", "TCP 32001");
                },
                used);
    }

    @Test
    void guessesNothingWhereNodesAreOfSeveralProviders() {
        NodePortSurvey survey = survey(
                List.of("{spec: {providerID: 'aws:///a'}}", "{spec: {providerID: 'hcloud://1'}}"),
                "{metadata: {namespace: a, name: b}, spec: {type: LoadBalancer, ports: [{nodePort: 30001}]}}");
        assertEquals(Delivery.UNKNOWN, survey.services().getFirst().delivery());
    }

    @Test
    void readsNodePortServicesAddressesAndAllFailsafePorts() {
        FailsafePorts.FailsafePort ssh = new FailsafePorts.FailsafePort(Protocol.TCP, 22, null);
        FailsafePorts.FailsafePort web = new FailsafePorts.FailsafePort(Protocol.TCP, 80, IpPrefix.parse("10.0.0.0/8"));
        NodePortSurvey survey = NodePortSurvey.of(
                List.of(yaml(
                        "{status: {addresses: [{type: Hostname, address: n}, {type: InternalIP, address: 10.0.0.1},"
                                + " {type: ExternalIP, address: 203.0.113.1}]}}")),
                Stream.of(
                                "{metadata: {namespace: a, name: b}, spec: {type: NodePort, ports: [{nodePort: 30001,"
                                        + " protocol: SCTP}]}}",
                                "{metadata: {namespace: a, name: c}, spec: {type: ClusterIP, ports: [{port: 80}]}}")
                        .map(NodePortSurveyTest::yaml)
                        .toList(),
                new PolicyState(
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        new FailsafePorts(List.of(ssh), List.of()),
                        Map.of("n", new FailsafePorts(List.of(ssh, web), List.of())),
                        CalicoVersions.ALL,
                        List.of()));

        assertEquals(1, survey.services().size());
        assertEquals(Delivery.CLIENTS, survey.services().getFirst().delivery());
        assertEquals("[SCTP 30001]", survey.services().getFirst().ports().toString());
        assertEquals("[10.0.0.1, 203.0.113.1]", survey.nodeAddresses().toString());
        assertEquals(List.of(ssh, web), survey.failsafePorts().inbound());
    }
}
