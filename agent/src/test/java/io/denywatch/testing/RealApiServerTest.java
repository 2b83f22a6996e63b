package io.denywatch.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.denywatch.testing.RealApiServer.Account;
import io.fabric8.kubernetes.api.model.rbac.PolicyRuleBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import org.junit.jupiter.api.Test;

class RealApiServerTest {
    @Test
    void knowsEverybodyByTokenAndForgetsNothingWhenItIsRestarted() {
        RealApiServer server = RealApiServer.shared();
        Account account = server.newAccount();
        try (KubernetesClient client = server.client(account.token())) {
            KubernetesClientException forbidden = assertThrows(
                    KubernetesClientException.class, () -> client.nodes().list());
            assertEquals(403, forbidden.getCode());
            server.grant(
                    account,
                    new PolicyRuleBuilder()
                            .withApiGroups("")
                            .withResources("nodes")
                            .withVerbs("list")
                            .build());
            server.stop();
            assertThrows(
                    KubernetesClientException.class,
                    () -> server.admin().namespaces().list());
            server.start();
            server.await("granted", () -> {
                try {
                    return client.nodes().list() != null;
                } catch (KubernetesClientException e) {
                    return false;
                }
            });
        }
    }
}
