import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Many agents in one process, for measuring what Prometheus makes of them: each serves the page of one real agent, with
 * counters that grow, times that are now, and sources of its own, of which a fifth is new every two minutes.
 *
 * <p>Usage: {@code java SimulatedAgents.java log FILE LOAD-BALANCERS SOURCES} writes a log that fills the page of a real
 * agent; {@code java SimulatedAgents.java serve PAGE AGENTS PORT TARGETS} serves {@code /N/metrics} for each N below
 * AGENTS and writes the targets for Prometheus.
 */
final class SimulatedAgents {
    private static final int CHURN_SECONDS = 120;
    private static final int CHURN_PARTS = 5;
    private static final Pattern SOURCE = Pattern.compile("source=\"[^\"]*\"");

    private final List<String> lines;
    private final long startedSeconds = now();

    private SimulatedAgents(Path page) throws IOException {
        lines = Files.readAllLines(page);
    }

    public static void main(String[] args) throws IOException {
        switch (args[0]) {
            case "log" -> writeLog(Path.of(args[1]), Integer.parseInt(args[2]), Integer.parseInt(args[3]));
            case "serve" ->
                new SimulatedAgents(Path.of(args[1]))
                        .serve(Integer.parseInt(args[2]), Integer.parseInt(args[3]), Path.of(args[4]));
            default -> throw new IllegalArgumentException("log or serve, not " + args[0]);
        }
    }

    private static long now() {
        return Instant.now().getEpochSecond();
    }

    /** The load balancers are 198.18.0.1 and on; each source sends to each of them, to an exposed port and to another. */
    private static void writeLog(Path file, int loadBalancers, int sources) throws IOException {
        String head = Instant.now() + " node kernel: [1.000000] calico-packet: IN=eth1 OUT= "
                + "MAC=06:b2:1e:5d:30:43:00:00:5e:00:01:0a:08:00 SRC=";
        String end = " WINDOW=64240 RES=0x00 SYN URGP=0 \n";
        try (BufferedWriter log = Files.newBufferedWriter(file)) {
            for (int i = 0; i < loadBalancers * sources; i++) {
                for (int port : new int[] {443, 22}) {
                    log.write(head + address(203 << 24 | i % sources) + " DST=" + address(loadBalancer(i / sources)));
                    log.write(" LEN=52 TOS=0x00 PREC=0x00 TTL=117 ID=8744 DF PROTO=TCP SPT=42962 DPT=" + port + end);
                }
            }
        }
    }

    private static int loadBalancer(int index) {
        return (198 << 24 | 18 << 16) + 1 + index;
    }

    private static String address(int bits) {
        return (bits >>> 24) + "." + (bits >>> 16 & 255) + "." + (bits >>> 8 & 255) + "." + (bits & 255);
    }

    private void serve(int agents, int port, Path targets) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1024);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::answer);
        server.start();
        List<String> all = new ArrayList<>();
        for (int i = 0; i < agents; i++) {
            all.add("""
                    {"targets": ["127.0.0.1:%d"], "labels": {"__metrics_path__": "/%d/metrics", \
                    "instance": "10.0.%d.%d:9464", "node": "node-%03d", "pod": "denywatch-%03d", \
                    "namespace": "denywatch", "container": "denywatch", "endpoint": "metrics"}}"""
                    .formatted(port, i, i / 250, i % 250, i, i));
        }
        Files.writeString(targets, "[" + String.join(",\n", all) + "]\n");
    }

    private void answer(HttpExchange exchange) throws IOException {
        int agent = Integer.parseInt(exchange.getRequestURI().getPath().split("/", -1)[1]);
        byte[] body = page(agent, now()).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        exchange.sendResponseHeaders(200, body.length);
        try (OutputStream out = exchange.getResponseBody()) {
            out.write(body);
        }
    }

    private String page(int agent, long nowSeconds) {
        StringBuilder page = new StringBuilder(1 << 16);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            int blank = line.lastIndexOf(' ');
            String series = line.substring(0, Math.max(blank, 0));
            if (series.isEmpty() || line.startsWith("#")) {
                page.append(line);
            } else if (series.endsWith("_timestamp_seconds")) {
                page.append(series).append(' ').append(nowSeconds);
            } else if (series.startsWith("denywatch_top_source_packets")) {
                // By the lines' order: each fifth line changes at another time.
                long epoch = (nowSeconds + (long) i % CHURN_PARTS * CHURN_SECONDS) / (CHURN_SECONDS * CHURN_PARTS);
                int source = (int) ((agent * 1_000_003L + i * 7919L + epoch * 104_729L) & 0xff_ffff) | 100 << 24;
                Matcher named = SOURCE.matcher(line);
                page.append(named.replaceFirst("source=\"" + address(source) + "\""));
            } else if (series.startsWith("denywatch_denied_")
                    && series.contains("_total{")
                    && !line.endsWith(" 0.0")) {
                double before = Double.parseDouble(line.substring(blank + 1));
                page.append(series).append(' ').append(before + (nowSeconds - startedSeconds) * (1 + agent % 7) / 10.0);
            } else {
                page.append(line);
            }
            page.append('\n');
        }
        return page.toString();
    }
}
