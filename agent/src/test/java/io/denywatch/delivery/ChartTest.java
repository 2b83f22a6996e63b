package io.denywatch.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.marcnuri.helm.LintResult;
import io.denywatch.delivery.Chart.Rendered;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** What the chart makes of each of its cases. */
class ChartTest {
    private static final KubernetesSerialization KUBERNETES = new KubernetesSerialization();

    static List<Path> cases() {
        return Chart.cases();
    }

    private static List<String> texts(JsonNode list) {
        return list.valueStream().map(JsonNode::asString).toList();
    }

    @Test
    void helmHasNothingToComplainOf() {
        LintResult result = Chart.helm(Chart.DIRECTORY).lint().strict().call();

        assertFalse(result.isFailed(), () -> String.join("\n", result.getMessages()));
    }

    /** Kubernetes drops what it does not know, or refuses it: a misspelled field would be found by nobody before. */
    @ParameterizedTest
    @MethodSource("cases")
    void eachObjectHasOnlyFieldsThatItsKindHas(Path values) {
        List<String> unknown = new ArrayList<>();
        List<JsonNode> objects = Chart.render(values).objects();
        for (JsonNode object : objects) {
            String kind = object.path("kind").asString();
            findUnknown(KUBERNETES.unmarshal(object.toString()), kind, unknown);
        }

        assertFalse(objects.isEmpty());
        assertEquals(List.of(), unknown);
    }

    private static void findUnknown(Object value, String path, List<String> unknown) {
        switch (value) {
            case List<?> list -> list.forEach(element -> findUnknown(element, path + "[]", unknown));
            case Map<?, ?> map ->
                map.forEach((key, element) -> {
                    if (element != null) {
                        findUnknown(element, path + "." + key, unknown);
                    }
                });
            default -> {
                String type = value.getClass().getName();
                if (type.startsWith("io.fabric8.") && !type.endsWith("GenericKubernetesResource")) {
                    findUnknownIn(value, path, unknown);
                }
            }
        }
    }

    private static void findUnknownIn(Object bean, String path, List<String> unknown) {
        for (Method method : bean.getClass().getMethods()) {
            if (!method.getName().startsWith("get") || method.getParameterCount() > 0) {
                continue;
            }
            try {
                Object value = method.invoke(bean);
                if (method.getName().equals("getAdditionalProperties")) {
                    ((Map<?, ?>) value).keySet().forEach(key -> unknown.add(path + "." + key));
                } else if (value != null) {
                    findUnknown(value, path + "." + method.getName().substring("get".length()), unknown);
                }
            } catch (ReflectiveOperationException e) {
                throw new LinkageError(method.toString(), e);
            }
        }
    }

    /** The test of the test above. */
    @Test
    void findsFieldsThatAreNone() {
        List<String> unknown = new ArrayList<>();
        Object pod = KUBERNETES.unmarshal(
                "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {\"containers\": [{\"imagePullPolicyy\": \"Always\"}]}}");

        findUnknown(pod, "Pod", unknown);

        assertEquals(List.of("Pod.Spec.Containers[].imagePullPolicyy"), unknown);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void noTwoObjectsAreTheSame(Path values) {
        List<String> names = Chart.render(values).objects().stream()
                .map(object -> object.path("kind").asString() + " "
                        + object.at("/metadata/namespace").asString("") + " "
                        + object.at("/metadata/name").asString())
                .toList();

        assertEquals(names.stream().distinct().toList(), names);
    }

    /** A version in them would make an upgrade fail, for a selector cannot be changed. */
    @ParameterizedTest
    @MethodSource("cases")
    void selectorHoldsNothingThatChangesAndIsTheAgentsAlone(Path values) {
        Rendered rendered = Chart.render(values);
        JsonNode daemonSet = rendered.only("DaemonSet");
        JsonNode selected = daemonSet.at("/spec/selector/matchLabels");
        JsonNode doctor = rendered.only("Pod").at("/metadata/labels");

        assertEquals(
                List.of("app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component"),
                List.copyOf(selected.propertyNames()));
        selected.properties()
                .forEach(label -> assertEquals(
                        label.getValue(),
                        daemonSet.at("/spec/template/metadata/labels").get(label.getKey())));
        assertFalse(selected.properties().stream()
                .allMatch(label -> label.getValue().equals(doctor.get(label.getKey()))));
    }

    @Test
    void agentMayDoNothingByDefaultButReadTheLogAndKeepItsState() {
        Rendered rendered = Chart.render("{}");
        JsonNode pod = rendered.podSpec();
        JsonNode agent = rendered.agent();

        assertEquals(
                Chart.yaml("{runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, supplementalGroups: [4],"
                        + " seccompProfile: {type: RuntimeDefault}}"),
                pod.get("securityContext"));
        assertEquals(
                Chart.yaml(
                        "{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}"),
                agent.get("securityContext"));
        assertEquals(
                Chart.yaml(
                        "[{name: config, mountPath: /etc/denywatch, readOnly: true}, {name: log, mountPath: /var/log,"
                                + " readOnly: true, mountPropagation: HostToContainer}, {name: state, mountPath:"
                                + " /var/lib/denywatch}, {name: tmp, mountPath: /tmp}]"),
                agent.get("volumeMounts"));
        assertEquals(
                List.of(
                        "{\"path\":\"/var/log\",\"type\":\"Directory\"}",
                        "{\"path\":\"/var/lib/denywatch\",\"type\":\"DirectoryOrCreate\"}"),
                pod.get("volumes")
                        .valueStream()
                        .filter(volume -> volume.has("hostPath"))
                        .map(volume -> volume.get("hostPath").toString())
                        .toList());
    }

    /** Helm's library leaves out hooks, so that this one is one is read from the template. */
    @Test
    void podOfTheTestIsAHookWithTheAgentsImageAndRights() throws IOException {
        Rendered rendered = Chart.render("{}");
        JsonNode doctor = rendered.only("Pod");

        assertTrue(Files.readString(Chart.DIRECTORY.resolve("templates/tests/doctor.yaml"))
                .contains("helm.sh/hook: test\n"));
        assertEquals("Never", doctor.at("/spec/restartPolicy").asString());
        for (String field : List.of("image", "securityContext")) {
            assertEquals(
                    rendered.agent().get(field), doctor.at("/spec/containers/0").get(field));
        }
    }

    @Test
    void agentRunsOnEachNodeWhateverItsTaints() {
        JsonNode pod = Chart.render("{}").podSpec();

        assertEquals(Chart.yaml("[{operator: Exists}]"), pod.get("tolerations"));
        assertEquals(Chart.yaml("{kubernetes.io/os: linux}"), pod.get("nodeSelector"));
    }

    @Test
    void restartsOnlyWhereThatHelps() {
        JsonNode agent = Chart.render("{}").agent();

        assertEquals("/livez", agent.at("/startupProbe/httpGet/path").asString());
        assertEquals("/livez", agent.at("/livenessProbe/httpGet/path").asString());
        assertEquals("/readyz", agent.at("/readinessProbe/httpGet/path").asString());
    }

    @Test
    void directoryOfTheLogIsMountedWhereverTheLogIs() {
        JsonNode pod = Chart.render("config: {source: {path: /var/log/kernel/kern.log}}")
                .podSpec();

        assertEquals("/var/log/kernel", pod.at("/volumes/1/hostPath/path").asString());
        assertEquals(
                "/var/log/kernel",
                pod.at("/containers/0/volumeMounts/1/mountPath").asString());
    }

    @Test
    void portOfTheContainerIsTheOneThatIsListenedOn() {
        Rendered rendered = Chart.render("config: {http: {listen: '[::]:9999'}}");

        assertEquals(9999, rendered.agent().at("/ports/0/containerPort").asInt());
    }

    @Test
    void aSecretHoldsTheWebConfiguration() {
        Rendered rendered = Chart.render("{webConfigSecret: web, podMonitor: {enabled: true, scheme: https}}");

        assertTrue(rendered.podSpec()
                .get("volumes")
                .toString()
                .contains("{\"name\":\"web\",\"secret\":{\"secretName\":\"web\"}}"));
        assertTrue(rendered.agent().get("volumeMounts").toString().contains("\"mountPath\":\"/etc/denywatch-web\""));
        assertEquals(
                "/etc/denywatch-web/web.yml",
                Chart.yaml(rendered.configuration()).at("/http/webConfig").asString());
        assertEquals(
                "https",
                rendered.only("PodMonitor")
                        .at("/spec/podMetricsEndpoints/0/scheme")
                        .asString());
    }

    @Test
    void probesHaveAPortOfTheirOwn() {
        JsonNode agent = Chart.render("config: {http: {probes: '[::]:9998'}}").agent();

        assertEquals("probes", agent.at("/ports/1/name").asString());
        assertEquals(9998, agent.at("/ports/1/containerPort").asInt());
        for (String probe : List.of("startupProbe", "livenessProbe", "readinessProbe")) {
            assertEquals("probes", agent.at("/" + probe + "/httpGet/port").asString());
        }
    }

    @Test
    void startsWithTheClassesOfTheApiOnlyWhereItSpeaksToIt() {
        List<String> inCluster = List.of("/usr/bin/denywatch-in-cluster");

        assertTrue(Chart.render("").agent().path("command").isMissingNode());
        assertEquals(
                inCluster,
                texts(Chart.render("discovery: {enabled: true}").agent().get("command")));
        assertEquals(
                inCluster,
                texts(Chart.render("blocklist: {mode: enforce}").agent().get("command")));
    }

    @Test
    void rootGivesTheDirectoryAwayAndMayDoNothingElse() {
        JsonNode owner = Chart.render("podSecurityContext: {runAsUser: 1234, runAsGroup: 567}")
                .podSpec()
                .at("/initContainers/0");

        assertEquals(List.of("own", "/var/lib/denywatch", "1234:567"), texts(owner.get("args")));
        assertFalse(owner.has("command"));
        assertEquals(
                Chart.yaml("{runAsNonRoot: false, runAsUser: 0, allowPrivilegeEscalation: false,"
                        + " readOnlyRootFilesystem: true, capabilities: {drop: [ALL], add: [CHOWN]}}"),
                owner.get("securityContext"));
        assertEquals(Chart.yaml("[{name: state, mountPath: /var/lib/denywatch}]"), owner.get("volumeMounts"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"state: {chown: {enabled: false}}", "podSecurityContext: {runAsUser: 0}", "kmsg: {enabled: true}"
            })
    void nobodyGivesTheDirectoryAwayWhereThatIsNotNeeded(String values) {
        assertFalse(Chart.render(values).podSpec().has("initContainers"));
    }

    @Test
    void kernelsOwnLogTakesAPrivilegedContainerAndNoMoreOfTheNode() {
        Rendered rendered = Chart.render("kmsg: {enabled: true}");

        assertEquals(
                Chart.yaml("{privileged: true, readOnlyRootFilesystem: true, runAsNonRoot: false, runAsUser: 0}"),
                rendered.agent().get("securityContext"));
        assertEquals(
                "/dev/kmsg", rendered.podSpec().at("/volumes/1/hostPath/path").asString());
        assertFalse(rendered.only("DaemonSet").toString().contains("/var/log"), rendered::text);
        assertEquals(
                "kmsg", Chart.yaml(rendered.configuration()).at("/source/kind").asString());
    }

    @Test
    void bothLogsAreThereWhereTheAgentIsToChoose() {
        String text = Chart.render("{kmsg: {enabled: true}, config: {source: {kind: auto}}}")
                .text();

        assertTrue(text.contains("path: /var/log\n") && text.contains("path: /dev/kmsg\n"), text);
    }

    @Test
    void podsOfAChangedConfigurationAreReplaced() {
        String checksum = "/spec/template/metadata/annotations/checksum~1config";

        JsonNode before = Chart.render("{}").only("DaemonSet").at(checksum);
        JsonNode after = Chart.render("config: {source: {startAt: beginning}}")
                .only("DaemonSet")
                .at(checksum);
        JsonNode other = Chart.render("podLabels: {a: b}").only("DaemonSet").at(checksum);

        assertTrue(before.isString() && !before.equals(after), () -> before + " " + after);
        assertEquals(before, other);
    }

    @Test
    void digestWinsOverTagAndSharedRegistryOverItsOwn() {
        String digest = "sha256:" + "0".repeat(64);
        String values = "{global: {imageRegistry: mirror.example.com}, image: {tag: v9, digest: '%s'}}";

        assertEquals(
                "mirror.example.com/denywatch@" + digest,
                Chart.render(values.formatted(digest)).agent().path("image").asString());
        assertEquals(
                "mirror.example.com/denywatch:v9",
                Chart.render(values.formatted("")).agent().path("image").asString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{config: {loadBalancers: {discover: kubernetes}}}|loadBalancers.discover: kubernetes is not allowed",
                "{discovery: {enabled: true}, config: {loadBalancers: {discover: any}}}|loadBalancers.discover: any is not",
                "{config: {blocklist: {mode: enforce}}}|config.blocklist.mode: enforce is not allowed; allowed: off",
                "{config: {blocklist: {policy: mine}}}|config.blocklist.policy: mine is not allowed; allowed: denywatch-block",
                "{config: {http: {probes: '0.0.0.0:9464'}}}|config.http.probes: 0.0.0.0:9464 is not allowed; allowed: another",
                "{config: {source: {kind: kmsg}}}|config.source.kind: kmsg is not allowed; allowed: with kmsg.enabled",
                "{kmsg: {enabled: true}, config: {source: {kind: file}}}|config.source.kind: file is not allowed",
                "{config: {source: {path: /syslog}}}|config.source.path: /syslog is not allowed; allowed: a file in",
                "{config: {checkpoint: {directory: /var/log/dw}}}|config.checkpoint.directory: /var/log/dw is not allowed",
                "{config: {checkpoint: {directory: /state}}}|config.checkpoint.directory: /state is not allowed",
                "{javaOptions: -Xmx129m}|resources.limits.memory: 256Mi is not allowed with -Xmx129m",
                "{policies: {enabled: true, denyNodePorts: false}}|policies: neither loadBalancers nor denyNodePorts",
                "{policies: {enabled: true, names: {denyLb: denywatch-blocklist}}}|policies.names: denywatch-allowlist, denywatch-b",
                "{policies: {enabled: true, allow: [192.0.2.1]}}|policies.allow: is of no use",
                "{policies: {enabled: true}, config: {blocklist: {api: crd.projectcalico.org/v1}}}|policies.enabled: is not",
                "{prometheusRule: {enabled: true, disabled: [NoSuch]}}|prometheusRule: NoSuch is not allowed",
            })
    void refusesWhatDoesNotFitTogether(String valuesAndMessage) {
        String[] parts = valuesAndMessage.split("\\|", -1);

        String message = String.valueOf(assertThrows(IllegalStateException.class, () -> Chart.render(parts[0]))
                .getMessage());
        assertTrue(message.contains(parts[1]), message);
    }

    @Test
    void takesAHeapThatFitsItsLimit() {
        assertTrue(Chart.render("javaOptions: -Xmx128m").text().contains("value: \"-Xmx128m\""));
        assertTrue(Chart.render("{javaOptions: -Xmx1G, resources: {limits: {memory: 2Gi}}}")
                .text()
                .contains("-Xmx1G"));
    }

    @Test
    void letsScrapesInAndRequestsToTheApiServerOut() {
        JsonNode quiet = Chart.render("networkPolicy: {enabled: true}")
                .only("NetworkPolicy")
                .get("spec");
        JsonNode asking = Chart.render(
                        "{networkPolicy: {enabled: true, apiServers: [192.0.2.1/32]}, discovery: {enabled: true}}")
                .only("NetworkPolicy")
                .get("spec");

        assertEquals(Chart.yaml("[]"), quiet.get("egress"));
        assertEquals(Chart.yaml("[{ports: [{port: metrics, protocol: TCP}]}]"), quiet.get("ingress"));
        assertEquals(
                Chart.yaml(
                        "[{ports: [{port: 443, protocol: TCP}, {port: 6443, protocol: TCP}], to: [{ipBlock: {cidr: 192.0.2.1/32}}]}]"),
                asking.get("egress"));
    }
}
