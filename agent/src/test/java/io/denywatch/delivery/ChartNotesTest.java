package io.denywatch.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The notes after an installation. */
class ChartNotesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {}                                                 | kubectl label namespace watch pod-security.kubernetes.io/enforce=privileged
            {}                                                 | Every destination counts as a load balancer.
            {}                                                 | set podMonitor.enabled=true
            {}                                                 | cannot be pulled: set image.registry
            {}                                                 | helm -n watch test dw --logs
            {config: {loadBalancers: {static: [192.0.2.1]}}}   | Load balancers are those in config.loadBalancers.static.
            {kmsg: {enabled: true}}                            | run privileged and as root
            {blocklist: {mode: dry-run}}                       | Without discovery.enabled=true the rules do not know
            {blocklist: {mode: enforce}}                       | denywatch blocklist list
            {blocklist: {mode: enforce, policy: {create: false}}} | denywatch policies --only blocklist
            {blocklist: {mode: enforce}, config: {blocklist: {api: crd.projectcalico.org/v1}}} | --calicoctl
            {blocklist: {mode: enforce, admissionPolicy: {create: false}}} | can write every GlobalNetworkSet
            {dashboards: {enabled: true}}                      | Dashboards stay empty
            {policies: {enabled: true, loadBalancers: [192.0.2.1]}} | to policies.loadBalancers are denied to all but pods and nodes.
            {policies: {enabled: true, denyNodePorts: true}}   | checks that send to node ports are cut off: policies.allowNodePorts
            """)
    void saysWhatIsMissingOrRisky(String values, String words) {
        String notes = Chart.notes(Chart.NEW_KUBERNETES, values);

        assertTrue(notes.contains(words), notes);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            {podMonitor: {enabled: true}}                                  | podMonitor
            {discovery: {enabled: true}}                                   | discovery
            {image: {registry: registry.example.com}}                      | cannot be pulled
            {dashboards: {enabled: true}, prometheusRule: {enabled: true}} | Dashboards
            {blocklist: {mode: enforce}}                                   | can write every
            {tests: {enabled: false}}                                      | helm -n
            {policies: {enabled: true, loadBalancers: [192.0.2.1]}}        | cut off
            """)
    void saysNothingOfWhatIsInOrder(String values, String words) {
        String notes = Chart.notes(Chart.NEW_KUBERNETES, values);

        assertEquals(-1, notes.indexOf(words), notes);
    }

    @Test
    void saysThatOldClustersHaveNoAdmissionPolicies() {
        assertTrue(Chart.notes("1.29.0", "blocklist: {mode: enforce}").contains("1.30 and later do"));
    }
}
