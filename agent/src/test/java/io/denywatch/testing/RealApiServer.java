package io.denywatch.testing;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBindingBuilder;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBuilder;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * A real kube-apiserver with its etcd on free ports of the loopback address, one for all tests of a JVM. There is no
 * controller behind it: what is written stays as it was written. Both programs end with the JVM.
 *
 * <p>They are found as is usual in this field: {@code KUBEBUILDER_ASSETS} names the folder with {@code kube-apiserver} and
 * {@code etcd}; the latter may also be on the {@code PATH}. Where that is not set, tests are skipped.
 */
public final class RealApiServer implements AutoCloseable {
    /** The address in the server's endpoints, for which a loopback address is not allowed; nobody listens there. */
    public static final String ADVERTISED = "192.0.2.1";

    private static final String ASSETS = "KUBEBUILDER_ASSETS";
    private static final String ADMIN_TOKEN = "admintoken";
    private static final int ACCOUNTS = 64;
    private static final int START_SECONDS_MAX = 120;
    private static final int POLL_MILLIS = 50;

    private static @Nullable RealApiServer shared;

    private final Path folder;
    private final Path kubeApiServer;
    private final int port;
    private final int etcdPort;
    private final Process etcd;
    private final KubernetesClient admin;
    private @Nullable Process apiServer;
    private int accountsGiven;

    /**
     * Somebody whom the server knows, and who may do nothing yet.
     *
     * @param name of the user
     * @param token that proves it
     */
    public record Account(String name, String token) {}

    private RealApiServer(Path kubeApiServer, Path etcdProgram) throws IOException, InterruptedException {
        this.kubeApiServer = kubeApiServer;
        folder = Files.createTempDirectory("denywatch-apiserver-");
        Runtime.getRuntime().addShutdownHook(new Thread(this::close, "close-apiserver"));
        List<String> tokens = new ArrayList<>(List.of(ADMIN_TOKEN + ",admin,admin,system:masters"));
        for (int i = 0; i < ACCOUNTS; i++) {
            tokens.add("token-%1$d,user-%1$d,user-%1$d".formatted(i));
        }
        Files.write(folder.resolve("tokens.csv"), tokens);
        Files.writeString(folder.resolve("sa.key"), privateKey());
        etcdPort = freePort();
        String peers = "http://127.0.0.1:" + freePort();
        etcd = start(
                "etcd",
                etcdProgram.toString(),
                "--data-dir=" + folder.resolve("etcd"),
                "--listen-client-urls=" + etcdUrl(),
                "--advertise-client-urls=" + etcdUrl(),
                "--listen-peer-urls=" + peers,
                "--initial-advertise-peer-urls=" + peers,
                "--initial-cluster=default=" + peers);
        port = freePort();
        start();
        admin = client(ADMIN_TOKEN);
        await("default namespace", () -> admin.namespaces().withName("default").get() != null);
    }

    /** The server of this JVM, running; skips the test where there is none to be run. */
    public static synchronized RealApiServer shared() {
        RealApiServer server = shared;
        if (server == null) {
            String assets = System.getenv(ASSETS);
            Assumptions.assumeTrue(assets != null, ASSETS + " is not set: no kube-apiserver to test against");
            Path kubeApiServer = Path.of(assets, "kube-apiserver");
            Assumptions.assumeTrue(Files.isExecutable(kubeApiServer), kubeApiServer + " is not there");
            try {
                server = new RealApiServer(kubeApiServer, etcdProgram(assets));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            shared = server;
        }
        server.start();
        return server;
    }

    private static Path etcdProgram(String assets) {
        Path found = Stream.concat(
                        Stream.of(assets), Stream.of(System.getenv("PATH").split(":")))
                .map(directory -> Path.of(directory, "etcd"))
                .filter(Files::isExecutable)
                .findFirst()
                .orElse(null);
        Assumptions.assumeTrue(found != null, "no etcd in " + ASSETS + " or PATH");
        return found;
    }

    /** Starts the API server, after {@link #stop}, on the same port and with what etcd holds; returns when it is ready. */
    public synchronized void start() {
        if (apiServer != null && apiServer.isAlive()) {
            return;
        }
        apiServer = start(
                "kube-apiserver",
                kubeApiServer.toString(),
                "--etcd-servers=" + etcdUrl(),
                "--bind-address=127.0.0.1",
                "--advertise-address=" + ADVERTISED,
                "--secure-port=" + port,
                "--cert-dir=" + folder.resolve("certs"),
                "--service-cluster-ip-range=10.96.0.0/16",
                "--authorization-mode=RBAC",
                "--token-auth-file=" + folder.resolve("tokens.csv"),
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-signing-key-file=" + folder.resolve("sa.key"),
                "--service-account-key-file=" + folder.resolve("sa.key"),
                "--service-node-port-range=20000-32767",
                "--allow-privileged=true",
                "--disable-admission-plugins=ServiceAccount");
        await("certificate", () -> Files.exists(certificate()));
        try (KubernetesClient client = client(ADMIN_TOKEN)) {
            await("ready API server", () -> {
                try {
                    return "ok".equals(client.raw("/readyz"));
                } catch (KubernetesClientException e) {
                    return false;
                }
            });
        }
    }

    /** Ends the API server: connections break, and new ones are refused until {@link #start}. */
    public synchronized void stop() {
        if (apiServer != null) {
            end(apiServer);
        }
    }

    /** Where the server listens. */
    public String url() {
        return "https://127.0.0.1:" + port;
    }

    /** The authority that the server's certificate can be checked with. */
    public Path certificate() {
        return folder.resolve("certs").resolve("apiserver.crt");
    }

    /** Somebody new. */
    public synchronized Account newAccount() {
        if (accountsGiven == ACCOUNTS) {
            throw new IllegalStateException("all " + ACCOUNTS + " accounts are given");
        }
        int number = accountsGiven++;
        return new Account("user-" + number, "token-" + number);
    }

    /** Lets somebody do what the rules say, in all namespaces, in place of what was granted before. */
    public void grant(Account account, PolicyRule... rules) {
        String name = "test-" + account.name();
        admin.resource(new ClusterRoleBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withRules(rules)
                        .build())
                .createOr(existing -> existing.update());
        admin.resource(new ClusterRoleBindingBuilder()
                        .withNewMetadata()
                        .withName(name)
                        .endMetadata()
                        .withNewRoleRef("rbac.authorization.k8s.io", "ClusterRole", name)
                        .addNewSubject()
                        .withApiGroup("rbac.authorization.k8s.io")
                        .withKind("User")
                        .withName(account.name())
                        .endSubject()
                        .build())
                .createOr(existing -> existing.update());
    }

    /** A client that may do everything; not to be closed. */
    public KubernetesClient admin() {
        return admin;
    }

    /** A plain client, without retries. */
    public KubernetesClient client(String token) {
        Config config = Config.empty();
        config.setMasterUrl(url());
        config.setCaCertFile(certificate().toString());
        config.setOauthToken(token);
        config.setRequestRetryBackoffLimit(0);
        return new KubernetesClientBuilder().withConfig(config).build();
    }

    /** A kubeconfig file for somebody. */
    public Path kubeconfig(Account account) {
        return kubeconfig(account.name(), account.token());
    }

    /** A kubeconfig file for the administrator. */
    public Path adminKubeconfig() {
        return kubeconfig("admin", ADMIN_TOKEN);
    }

    private Path kubeconfig(String name, String token) {
        try {
            return Files.writeString(
                    folder.resolve("kubeconfig-" + name), """
                    apiVersion: v1
                    kind: Config
                    clusters:
                    - name: test
                      cluster: {server: "%s", certificate-authority: "%s"}
                    users:
                    - name: "%s"
                      user: {token: "%s"}
                    contexts:
                    - name: test
                      context: {cluster: test, user: "%s"}
                    current-context: test
                    """.formatted(url(), certificate(), name, token, name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Makes what a YAML text describes; returns once each kind that it defines is served. */
    public void load(String yaml) {
        List<HasMetadata> items = admin.load(new ByteArrayInputStream(yaml.getBytes(StandardCharsets.UTF_8)))
                .items();
        for (HasMetadata item : items) {
            admin.resource(item).createOr(existing -> existing.update());
            if (item.getKind().equals("CustomResourceDefinition")) {
                String name = item.getMetadata().getName();
                await(
                        name + " established",
                        () -> Stream.ofNullable(admin.apiextensions()
                                        .v1()
                                        .customResourceDefinitions()
                                        .withName(name)
                                        .get()
                                        .getStatus()
                                        .getConditions()) // at first it has none
                                .flatMap(List::stream)
                                .anyMatch(condition -> condition.getType().equals("Established")
                                        && condition.getStatus().equals("True")));
            }
        }
    }

    /** Waits, for a very long time if need be, until something is so; fails with its name if it never is. */
    public void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS_MAX);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("still not so after " + START_SECONDS_MAX + " s: " + what);
            }
            try {
                if (etcd.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                    throw new IllegalStateException("etcd ended: " + log("etcd"));
                }
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private String log(String program) {
        try {
            return Files.readString(folder.resolve(program + ".log"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return e.toString();
        }
    }

    private String etcdUrl() {
        return "http://127.0.0.1:" + etcdPort;
    }

    private Process start(String name, String... command) {
        try {
            return new ProcessBuilder(command)
                    .directory(folder.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(
                            folder.resolve(name + ".log").toFile()))
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void end(Process process) {
        process.destroyForcibly();
        process.onExit().join();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static String privateKey() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            byte[] key = generator.generateKeyPair().getPrivate().getEncoded();
            return "-----BEGIN PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key)
                    + "\n-----END PRIVATE KEY-----\n";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends both programs and removes their files. */
    @Override
    public void close() {
        stop();
        if (etcd != null) {
            end(etcd);
        }
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
