package io.denywatch.config;

import io.denywatch.ip.Ip;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;

/** Reads the settings of the HTTP server. */
final class HttpReader {
    private static final Pattern LISTEN = Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([0-9.]+|localhost)):([0-9]{1,5})");
    private static final Pattern HOST_NAME = Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9.])?");
    private static final int HOSTS_MAX = 64;
    private static final int PORT_MAX = 65_535;
    private static final String OFF = "off";

    private final Settings settings;
    private final boolean inPod;

    private HttpReader(Settings settings, boolean inPod) {
        this.settings = settings;
        this.inPod = inPod;
    }

    /**
     * Reads and checks.
     *
     * @param inPod whether this is a pod; only in a pod are the default addresses reachable from other hosts
     */
    static Configuration.HttpSettings read(Settings settings, boolean inPod) {
        HttpReader reader = new HttpReader(settings, inPod);
        return new Configuration.HttpSettings(
                reader.listen(), reader.probes(), reader.webConfig(), reader.allowedHosts());
    }

    private InetSocketAddress listen() {
        String byDefault = inPod ? "0.0.0.0:9464" : "127.0.0.1:9464";
        return address(
                Setting.HTTP_LISTEN,
                settings.has(Setting.HTTP_LISTEN) ? settings.text(Setting.HTTP_LISTEN) : byDefault);
    }

    private Optional<InetSocketAddress> probes() {
        String byDefault = inPod ? "0.0.0.0:9465" : OFF;
        String given = settings.has(Setting.HTTP_PROBES) ? settings.text(Setting.HTTP_PROBES) : byDefault;
        return given.equals(OFF) ? Optional.empty() : Optional.of(address(Setting.HTTP_PROBES, given));
    }

    private static InetSocketAddress address(Setting setting, String listen) {
        Matcher parts = LISTEN.matcher(listen);
        int port = parts.matches() ? Integer.parseInt(parts.group(3)) : PORT_MAX + 1;
        if (port > PORT_MAX) {
            throw setting.refuse('"' + listen + '"');
        }
        String host = parts.group(1) != null ? parts.group(1) : parts.group(2);
        try {
            InetAddress address = host.equals("localhost")
                    ? InetAddress.getLoopbackAddress()
                    : InetAddress.getByName(
                            Ip.parse(host).toString()); // the literal was checked, so no name is looked up
            return new InetSocketAddress(address, port);
        } catch (IllegalArgumentException | UnknownHostException e) {
            throw setting.refuse('"' + listen + '"');
        }
    }

    private Optional<Path> webConfig() {
        return settings.has(Setting.HTTP_WEB_CONFIG)
                ? Optional.of(settings.path(Setting.HTTP_WEB_CONFIG))
                : Optional.empty();
    }

    private List<String> allowedHosts() {
        List<String> hosts = new ArrayList<>();
        for (JsonNode element : settings.list(Setting.HTTP_ALLOWED_HOSTS)) {
            if (!element.isString() || !HOST_NAME.matcher(element.asString()).matches()) {
                throw Setting.HTTP_ALLOWED_HOSTS.refuse(Settings.text(element));
            }
            hosts.add(element.asString());
        }
        if (hosts.size() > HOSTS_MAX) {
            throw Setting.HTTP_ALLOWED_HOSTS.refuse(hosts.size() + " names");
        }
        return hosts;
    }
}
