import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * Answers like the Kubernetes API of a cluster with one node, one load balancer and Calico, as far as an agent asks in its
 * first minute: enough to load the classes that it does so with. Watches stay open and say nothing; what is written comes
 * back, and is not kept.
 */
final class FakeCluster implements AutoCloseable {
    static final String NODE = "worker-1";
    static final String LOAD_BALANCER = "203.0.113.7";

    private static final String PASSWORD = "changeit";
    private static final String V3 = "/apis/projectcalico.org/v3/";
    private static final String V3_OBJECT = "\"apiVersion\":\"projectcalico.org/v3\",";

    private static final Map<String, String> OBJECTS = Map.of(
            "/api/v1/services",
            list("""
                    {"metadata":{"name":"frontend","namespace":"shop","uid":"1","resourceVersion":"1"},"spec":{
                     "type":"LoadBalancer","clusterIP":"10.96.0.10","clusterIPs":["10.96.0.10"],
                     "ports":[{"name":"web","protocol":"TCP","port":80,"targetPort":8080,"nodePort":30080}]},
                     "status":{"loadBalancer":{"ingress":[{"ip":"%s"}]}}}""".formatted(LOAD_BALANCER)),
            "/api/v1/nodes",
            list("""
                    {"metadata":{"name":"%s","uid":"2","resourceVersion":"1"},"spec":{"podCIDRs":["10.244.0.0/24"]},
                     "status":{"addresses":[{"type":"InternalIP","address":"192.0.2.10"}]}}""".formatted(NODE)),
            "/api/v1/namespaces/default/endpoints/kubernetes",
            "{\"metadata\":{\"name\":\"kubernetes\"},\"subsets\":[{\"addresses\":[{\"ip\":\"192.0.2.1\"}]}]}",
            V3 + "ippools",
            list("{\"metadata\":{\"name\":\"pods\"},\"spec\":{\"cidr\":\"10.244.0.0/16\"}}"),
            "/apis/networking.k8s.io/v1/servicecidrs",
            list("{\"metadata\":{\"name\":\"kubernetes\"},\"spec\":{\"cidrs\":[\"10.96.0.0/16\"]}}"),
            "/apis/apiregistration.k8s.io/v1/apiservices/v3.projectcalico.org",
            """
                    {"apiVersion":"apiregistration.k8s.io/v1","kind":"APIService","metadata":{"name":"v3.projectcalico.org"},
                     "status":{"conditions":[{"type":"Available","status":"True"}]}}""",
            V3 + "clusterinformations/default",
            "{" + V3_OBJECT + "\"kind\":\"ClusterInformation\",\"metadata\":{\"name\":\"default\"},"
                    + "\"spec\":{\"datastoreReady\":true,\"calicoVersion\":\"v3.30.0\"}}",
            V3 + "globalnetworksets",
            "{" + V3_OBJECT + "\"kind\":\"GlobalNetworkSetList\",\"metadata\":{\"resourceVersion\":\"1\"},"
                    + "\"items\":[]}");

    private final HttpsServer server;
    private final ExecutorService threads;
    private final Path kubeconfig;

    private FakeCluster(HttpsServer server, ExecutorService threads, Path kubeconfig) {
        this.server = server;
        this.threads = threads;
        this.kubeconfig = kubeconfig;
    }

    /** Listens on a free port of 127.0.0.1; key and kubeconfig are left in this directory. */
    static FakeCluster start(Path directory) throws IOException, InterruptedException {
        var address = new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0);
        var server = HttpsServer.create(address, 0);
        var kubeconfig = directory.resolve("kubeconfig");
        try {
            var keys = keys(directory.resolve("keys"));
            server.setHttpsConfigurator(new HttpsConfigurator(context(keys)));
            Files.writeString(kubeconfig, kubeconfig(server.getAddress().getPort(), keys.getCertificate("server")));
        } catch (GeneralSecurityException e) {
            throw new IOException("no certificate could be made", e);
        }
        var threads = Executors.newVirtualThreadPerTaskExecutor(); // each watch keeps one
        server.setExecutor(threads);
        server.createContext("/", FakeCluster::answer);
        server.start();
        return new FakeCluster(server, threads, kubeconfig);
    }

    /** What an agent needs in its environment to find it, and itself in it. */
    Map<String, String> environment() {
        return Map.of("KUBECONFIG", kubeconfig.toString(), "NODE_NAME", NODE);
    }

    private static KeyStore keys(Path file) throws IOException, InterruptedException, GeneralSecurityException {
        var keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        var made = new ProcessBuilder(List.of(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-dname",
                        "CN=kubernetes",
                        "-keyalg",
                        "EC",
                        "-ext",
                        "san=ip:127.0.0.1",
                        "-validity",
                        "2",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        PASSWORD))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (made.waitFor() != 0) {
            throw new IOException("keytool failed with exit code " + made.exitValue());
        }
        return KeyStore.getInstance(file.toFile(), PASSWORD.toCharArray());
    }

    private static SSLContext context(KeyStore keys) throws GeneralSecurityException {
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(keys, PASSWORD.toCharArray());
        var context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }

    private static String kubeconfig(int port, Certificate certificate) throws GeneralSecurityException {
        var pem = "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                + "\n-----END CERTIFICATE-----\n";
        return """
                apiVersion: v1
                kind: Config
                clusters: [{name: it, cluster: {server: "https://127.0.0.1:%s", certificate-authority-data: %s}}]
                users: [{name: me, user: {token: secret}}]
                contexts: [{name: it, context: {cluster: it, user: me}}]
                current-context: it
                """.formatted(port, Base64.getEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    private static void answer(HttpExchange exchange) throws IOException {
        var path = exchange.getRequestURI().getPath();
        var query = exchange.getRequestURI().getQuery();
        var sent = exchange.getRequestBody().readAllBytes();
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        if (query != null && query.contains("watch=1")) {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().flush();
        } else if (sent.length > 0) {
            answer(exchange, 201, sent);
        } else if (OBJECTS.containsKey(path)) {
            answer(exchange, 200, OBJECTS.get(path).getBytes(StandardCharsets.UTF_8));
        } else {
            answer(
                    exchange,
                    404,
                    "{\"apiVersion\":\"v1\",\"kind\":\"Status\",\"status\":\"Failure\",\"reason\":\"NotFound\",\"code\":404}"
                            .getBytes(StandardCharsets.UTF_8));
        }
    }

    private static void answer(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static String list(String item) {
        return "{\"metadata\":{\"resourceVersion\":\"1\"},\"items\":[" + item + "]}";
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
