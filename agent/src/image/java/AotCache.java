import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The AOT caches (JEP 483, 514): the classes that an agent uses, as they are in memory once loaded and linked. Each is made
 * by a real agent that counts a scanner and is asked for all its pages. All of a cache is loaded at the start, needed or
 * not, so there are two: {@link #ALONE} knows nothing of Kubernetes, a third smaller than {@link #IN_CLUSTER}, whose agent
 * blocks the scanner in a cluster that is none ({@link FakeCluster}). Either serves both kinds of agents, only worse.
 *
 * <p>Profiles of methods (JEP 515) are left out: compiling by them at once takes a third more CPU time at the start, and
 * the hot loop is soon compiled without.
 *
 * <p>The JVM accepts a cache only with the same lib/modules and the same jars, in size and time of last change, in the
 * same places relative to each other: the image may be moved as a whole.
 */
final class AotCache {
    private static final Duration READY_MAX = Duration.ofSeconds(30);
    private static final Duration END_MAX = Duration.ofSeconds(90);
    private static final Duration PAUSE = Duration.ofMillis(200);
    private static final int ROUNDS = 10;

    /** For an agent that speaks to no Kubernetes API, and for all other commands. */
    static final String ALONE = "alone.aot";

    /** For an agent that does. */
    static final String IN_CLUSTER = "in-cluster.aot";

    private static final List<String> PAGES = List.of(
            "/metrics",
            "/livez",
            "/readyz",
            "/api/v1/nlbs",
            "/api/v1/sources?nlb=" + FakeCluster.LOAD_BALANCER,
            "/api/v1/blocklist",
            "/");
    private static final List<String> IN_CLUSTER_SETTINGS = List.of(
            "loadBalancers.discover=kubernetes",
            "blocklist.mode=enforce",
            "blocklist.rules=[{name: noisy, packets: 20 within 1m}]");

    /** Why there can be none here. */
    static final class Impossible extends Exception {
        private static final long serialVersionUID = 1;

        Impossible(String message) {
            super(message);
        }
    }

    private final Path image;
    private final Path work;
    private final Path cache;

    private AotCache(Path image, Path work, String name) {
        this.image = image.toAbsolutePath();
        this.work = work;
        this.cache = this.image.resolve("app").resolve(name);
    }

    /** Makes both, in {@code app}, for a runtime image that is complete otherwise. */
    static void make(Path image) throws IOException, Impossible {
        make(image, ALONE);
        make(image, IN_CLUSTER);
    }

    private static void make(Path image, String name) throws IOException, Impossible {
        var work = Files.createTempDirectory("denywatch-aot");
        var made = new AotCache(image, work, name);
        try {
            Files.deleteIfExists(made.cache);
            if (name.equals(IN_CLUSTER)) {
                try (var cluster = FakeCluster.start(work)) {
                    made.train(IN_CLUSTER_SETTINGS, cluster.environment());
                }
            } else {
                made.train(List.of("loadBalancers.discover=any"), Map.of());
            }
            made.check();
        } catch (IOException e) {
            throw new Impossible(e.toString());
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        } finally {
            RuntimeImage.delete(work);
        }
    }

    private void train(List<String> settings, Map<String, String> environment)
            throws IOException, InterruptedException, Impossible {
        int port;
        try (var free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        var log = work.resolve("syslog");
        Files.createFile(log);
        var agent = agent(settings, environment, port, log);
        try {
            awaitMetrics(agent, port);
            for (int round = 0; round < ROUNDS; round++) {
                simulate(log, round);
                for (var page : PAGES) {
                    status(port, page);
                }
                TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
            }
            agent.destroy();
            if (!agent.waitFor(END_MAX.toSeconds(), TimeUnit.SECONDS)) {
                throw new Impossible("the agent that was to make it does not end");
            }
        } finally {
            agent.destroyForcibly().waitFor();
        }
        if (agent.exitValue() != 0 && agent.exitValue() != 143 || !Files.exists(cache)) {
            throw new Impossible("the agent that was to make it failed: " + output());
        }
    }

    private Process agent(List<String> settings, Map<String, String> environment, int port, Path log)
            throws IOException {
        var command = new ArrayList<>(List.of(
                java(),
                "-Xmx64m",
                "-Xlog:disable",
                "-XX:-AOTRecordTraining",
                "-XX:AOTCacheOutput=" + cache,
                "-jar",
                jar(),
                "agent"));
        var all = new ArrayList<>(List.of(
                "source.kind=file",
                "source.path=" + log,
                "source.startAt=beginning",
                "http.listen=127.0.0.1:" + port,
                "checkpoint.directory=" + work.resolve("state")));
        all.addAll(settings);
        for (var setting : all) {
            command.addAll(List.of("--set", setting));
        }
        var builder = process(command)
                .redirectErrorStream(true)
                .redirectOutput(work.resolve("out").toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private void awaitMetrics(Process agent, int port) throws IOException, InterruptedException, Impossible {
        long deadline = System.nanoTime() + READY_MAX.toNanos();
        while (status(port, "/metrics") != 200) {
            if (!agent.isAlive() || System.nanoTime() > deadline) {
                throw new Impossible("the agent that was to make it does not serve: " + output());
            }
            TimeUnit.MILLISECONDS.sleep(PAUSE.toMillis());
        }
    }

    /** More of the log: another command, so that its classes are not in the cache. */
    private void simulate(Path log, int seed) throws IOException, InterruptedException {
        process(List.of(
                        java(),
                        "-jar",
                        jar(),
                        "simulate",
                        "--output",
                        log.toString(),
                        "--packets",
                        "500",
                        "--seed",
                        Integer.toString(seed),
                        "--scenario",
                        "scan"))
                .redirectErrorStream(true)
                .redirectOutput(Redirect.DISCARD)
                .start()
                .waitFor();
    }

    /** A cache that the JVM does not accept would be passed over in silence at each start. */
    private void check() throws IOException, InterruptedException, Impossible {
        var command = List.of(java(), "-XX:AOTCache=" + cache, "-XX:AOTMode=on", "-jar", jar(), "agent", "--version");
        var output = work.resolve("out").toFile();
        int exitCode = process(command)
                .redirectErrorStream(true)
                .redirectOutput(output)
                .start()
                .waitFor();
        if (exitCode != 0) {
            Files.delete(cache);
            throw new Impossible("the JVM does not accept the one that it made: " + output());
        }
    }

    private static ProcessBuilder process(List<String> command) {
        var builder = new ProcessBuilder(command);
        builder.environment().keySet().removeAll(List.of("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"));
        return builder;
    }

    private static int status(int port, String page) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + page))
                    .timeout(READY_MAX)
                    .build();
            return client.send(request, BodyHandlers.discarding()).statusCode();
        } catch (java.net.ConnectException e) {
            return 0;
        }
    }

    private String output() throws IOException {
        return Files.readString(work.resolve("out")).strip();
    }

    private String java() {
        return image.resolve("bin").resolve("java").toString();
    }

    private String jar() {
        return image.resolve("app").resolve("denywatch.jar").toString();
    }
}
