import com.sun.net.httpserver.HttpServer;

/** Takes what Alertmanager sends to the port that is the argument, on 127.0.0.1, and prints one notification a line. */
void main(String[] args) throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 0);
    server.createContext("/", exchange -> {
        byte[] notification = exchange.getRequestBody().readAllBytes();
        IO.println(new String(notification, StandardCharsets.UTF_8).replace('\n', ' '));
        exchange.sendResponseHeaders(200, -1);
        exchange.close();
    });
    server.start();
}
