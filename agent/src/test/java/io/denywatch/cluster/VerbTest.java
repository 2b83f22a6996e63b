package io.denywatch.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.cluster.RequestMeter.Verb;
import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class VerbTest {
    @ParameterizedTest
    @CsvSource({
        "GET, /api/v1/services, LIST",
        "GET, /api/v1/services?resourceVersion=0, LIST",
        "GET, /api/v1/services?watch=1&timeoutSeconds=300, WATCH",
        "GET, /api/v1/services?timeoutSeconds=300&watch=true, WATCH",
        "GET, /api/v1/services?watch=0, LIST",
        "GET, /api/v1/services?allowwatch=1, LIST",
        "GET, /api/v1/nodes/a, GET",
        "GET, /api/v1/nodes/a/status, GET",
        "GET, /api/v1/namespaces, LIST",
        "GET, /api/v1/namespaces/default, GET",
        "GET, /api/v1/namespaces/default/endpoints, LIST",
        "GET, /api/v1/namespaces/default/endpoints/kubernetes, GET",
        "GET, /apis/projectcalico.org/v3/globalnetworksets, LIST",
        "GET, /apis/projectcalico.org/v3/globalnetworksets/denywatch-0-a, GET",
        "GET, /k8s/clusters/c-1/apis/projectcalico.org/v3/ippools, LIST",
        "GET, /apis/projectcalico.org/v3, GET",
        "GET, /apis, GET",
        "GET, /version, GET",
        "POST, /api/v1/namespaces/default/events, CREATE",
        "PUT, /apis/projectcalico.org/v3/globalnetworksets/a, UPDATE",
        "PATCH, /api/v1/nodes/a, PATCH",
        "DELETE, /api/v1/nodes/a, DELETE",
    })
    void aRequestIsCalledAsAuthorizationCallsIt(String method, String pathAndQuery, Verb verb) {
        assertEquals(verb, Verb.of(method, URI.create("https://server:6443" + pathAndQuery)));
    }
}
