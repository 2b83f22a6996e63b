import com.sun.net.httpserver.HttpServer;

/**
 * Serves the page of one real agent as the pages of many, /N/metrics for each N. Counters grow, time stamps are
 * current, and each agent has sources of its own, a fifth of which changes every two minutes. Arguments: the page and a
 * port of 127.0.0.1.
 */
void main(String[] args) throws IOException {
    List<String> lines = Files.readAllLines(Path.of(args[0]));
    long started = Instant.now().getEpochSecond();
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[1])), 1024);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/", exchange -> {
        int agent = Integer.parseInt(exchange.getRequestURI().getPath().split("/", -1)[1]);
        byte[] body = page(lines, agent, started, Instant.now().getEpochSecond()).getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    });
    server.start();
}

String page(List<String> lines, int agent, long started, long now) {
    StringBuilder page = new StringBuilder(1 << 16);
    for (int i = 0; i < lines.size(); i++) {
        String line = lines.get(i);
        int blank = line.lastIndexOf(' ') + 1;
        if (line.contains("_timestamp_seconds ") && !line.startsWith("#")) {
            line = line.substring(0, blank) + now;
        } else if (line.startsWith("denywatch_top_source_packets{")) {
            long turn = (now + i % 5 * 120) / 600; // each fifth line changes at another time
            long source = agent * 1_000_003L + i * 7_919L + turn * 104_729L;
            line = line.replaceFirst("source=\"[^\"]*\"", "source=\"100.%d.%d.%d\""
                    .formatted(source >> 16 & 255, source >> 8 & 255, source & 255));
        } else if (line.matches("denywatch_denied_\\w+_total\\{.* .*[1-9].*")) {
            line = line.substring(0, blank)
                    + (Double.parseDouble(line.substring(blank)) + (now - started) * (1 + agent % 7) / 10.0);
        }
        page.append(line).append('\n');
    }
    return page.toString();
}
