package io.denywatch.delivery;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wrong values are refused before anything is installed, and the message names the key. */
class ChartSchemaTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            nosuch                                | {nosuch: 1}
            nosuch                                | {image: {nosuch: 1}}
            global.imagePullSecrets               | {global: {imagePullSecrets: secret}}
            nameOverride                          | {nameOverride: Upper}
            image.repository                      | {image: {repository: ''}}
            image.repository                      | {image: {repository: 'denywatch:1'}}
            image.tag                             | {image: {tag: 'a b'}}
            image.tag                             | {image: {tag: 1.0}}
            image.digest                          | {image: {digest: 'sha256:1'}}
            image.pullPolicy                      | {image: {pullPolicy: Sometimes}}
            imagePullSecrets                      | {imagePullSecrets: [{nom: x}]}
            config                                | {config: {nosuch: 1}}
            config                                | {config: {node: worker-1}}
            config.source                         | {config: {source: {pathh: /x}}}
            config.source.path                    | {config: {source: {path: var/log/syslog}}}
            config.source.kind                    | {config: {source: {kind: journal}}}
            config.source                         | {config: {source: {path: null}}}
            config.http.listen                    | {config: {http: {listen: '9464'}}}
            config.http.listen                    | {config: {http: {listen: '0.0.0.0:0'}}}
            config.http.listen                    | {config: {http: {listen: '0.0.0.0:65536'}}}
            config.http.listen                    | {config: {http: {listen: 'localhost:9464'}}}
            config.http.probes                    | {config: {http: {probes: 'off'}}}
            config.http.allowedHosts              | {config: {http: {allowedHosts: a.example}}}
            config.loadBalancers.discover         | {config: {loadBalancers: {discover: maybe}}}
            config.loadBalancers.max              | {config: {loadBalancers: {max: -1}}}
            config.blocklist.api                  | {config: {blocklist: {api: v3}}}
            config.blocklist.neverBlock           | {config: {blocklist: {neverBlock: 192.0.2.0/24}}}
            config.checkpoint.directory           | {config: {checkpoint: {directory: state}}}
            discovery.enabled                     | {discovery: {enabled: 'yes'}}
            discovery                             | {discovery: {enable: true}}
            blocklist.mode                        | {blocklist: {mode: on}}
            blocklist.mode                        | {blocklist: {mode: true}}
            blocklist.policy.selector             | {blocklist: {policy: {selector: ''}}}
            blocklist.admissionPolicy.actions     | {blocklist: {admissionPolicy: {actions: [Refuse]}}}
            blocklist.admissionPolicy.actions     | {blocklist: {admissionPolicy: {actions: []}}}
            policies.loadBalancers                | {policies: {loadBalancers: ['203.0.113.7:80/icmp']}}
            policies.loadBalancers                | {policies: {loadBalancers: ['203.0.113.0/24']}}
            policies.allow                        | {policies: {allow: [example.com]}}
            policies.nodePorts                    | {policies: {nodePorts: 30000-32767}}
            kmsg.enabled                          | {kmsg: {enabled: 1}}
            state.chown.enabled                   | {state: {chown: {enabled: 'yes'}}}
            javaOptions                           | {javaOptions: [-Xmx64m]}
            resources.limits                      | {resources: {limits: {memory: 256MiB}}}
            resources                             | {resources: {limit: {memory: 256Mi}}}
            podSecurityContext.runAsUser          | {podSecurityContext: {runAsUser: root}}
            podSecurityContext.supplementalGroups | {podSecurityContext: {supplementalGroups: adm}}
            serviceAccount.annotations            | {serviceAccount: {annotations: {a: true}}}
            tolerations                           | {tolerations: {operator: Exists}}
            nodeSelector                          | {nodeSelector: {a: 1}}
            updateStrategy.type                   | {updateStrategy: {type: Recreate}}
            updateStrategy.rollingUpdate          | {updateStrategy: {rollingUpdate: {maxUnavailable: ten}}}
            updateStrategy.rollingUpdate          | {updateStrategy: {rollingUpdate: {maxSurge: 1}}}
            minReadySeconds                       | {minReadySeconds: 10s}
            resourceQuota.pods                    | {resourceQuota: {pods: 0}}
            livenessProbe                         | {livenessProbe: {httpGet: {path: /readyz}}}
            readinessProbe.periodSeconds          | {readinessProbe: {periodSeconds: 0}}
            podMonitor.interval                   | {podMonitor: {interval: 30}}
            podMonitor.interval                   | {podMonitor: {interval: 30 s}}
            podMonitor.sampleLimit                | {podMonitor: {sampleLimit: '1000'}}
            prometheusRule.runbookUrl             | {prometheusRule: {runbookUrl: https://example.com}}
            prometheusRule.disabled               | {prometheusRule: {disabled: {DenywatchAbsent: true}}}
            dashboards.labels                     | {dashboards: {labels: {grafana_dashboard: 1}}}
            networkPolicy.apiServerPorts          | {networkPolicy: {apiServerPorts: [https]}}
            networkPolicy.apiServerPorts          | {networkPolicy: {apiServerPorts: [0]}}
            networkPolicy.apiServers              | {networkPolicy: {apiServers: [192.0.2.1]}}
            podLabels                             | {podLabels: {a: true}}
            podAnnotations                        | {podAnnotations: {a: true}}
            commonLabels                          | {commonLabels: [a]}
            extraArgs                             | {extraArgs: [1]}
            extraVolumes                          | {extraVolumes: {name: x}}
            tests                                 | {tests: {enable: true}}
            """)
    void refusesWhatNoReaderCouldUse(String key, String values) {
        String message = String.valueOf(assertThrows(IllegalStateException.class, () -> Chart.render(values))
                .getMessage());

        assertTrue(message.contains("schema"), message);
        // Schema libraries write a path with dots or with slashes.
        assertTrue(message.contains(key) || message.contains(key.replace('.', '/')), message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{global: {imageRegistry: '', ofSomebodyElse: {a: [1]}}}",
                "{global: null}",
                "{blocklist: {mode: false}}",
                "{imagePullSecrets: [a, {name: b}]}",
                "{updateStrategy: {rollingUpdate: {maxUnavailable: 100%}}}",
                "{updateStrategy: {type: OnDelete, rollingUpdate: null}}",
                "{resources: {limits: null, requests: {cpu: 0.5, memory: 134217728}}}",
                "{config: {http: {listen: '[::]:65535'}}}",
                "{priorityClassName: ''}",
                "{tolerations: []}",
                "{podSecurityContext: {supplementalGroups: []}}",
            })
    void takesWhatIsUnusualButRight(String values) {
        assertDoesNotThrow(() -> Chart.render(values));
    }
}
