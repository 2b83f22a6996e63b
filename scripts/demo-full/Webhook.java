import com.sun.net.httpserver.HttpServer;

/** Takes what Alertmanager sends and prints it, one notification a line, after the port of 127.0.0.1 on which it does. */
void main() throws IOException {
    HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    server.createContext("/", exchange -> {
        byte[] notification = exchange.getRequestBody().readAllBytes();
        IO.println(new String(notification, StandardCharsets.UTF_8).replace('\n', ' '));
        exchange.sendResponseHeaders(200, -1);
        exchange.close();
    });
    server.start();
    IO.println("port " + server.getAddress().getPort());
}
