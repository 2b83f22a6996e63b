package io.denywatch.feed;

import io.denywatch.count.Count;
import io.denywatch.ip.IpPrefix;
import io.denywatch.process.PrintableText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads a list of addresses: text with one address or CIDR per line, or JSON. A comment starts with {@code #} or
 * {@code ;}. A port after the address is ignored. Bits after the prefix are ignored, as Calico ignores them. Confined
 * to one thread.
 */
public final class FeedReader {
    private static final int SAMPLE_CHARS_MAX = 40;
    private static final int PORT_MAX = 65_535;
    private static final int PORT_DIGITS_MAX = 5;
    private static final String BYTE_ORDER_MARK = "\ufeff";

    private final List<IpPrefix> nets = new ArrayList<>();
    private long entries;
    private long unparsable;
    private String sample = "";

    private FeedReader() {}

    /** Reads text. Any bytes are accepted; what is no address is counted. */
    public static FeedList text(byte[] bytes) {
        FeedReader reader = new FeedReader();
        String text = new String(bytes, StandardCharsets.UTF_8);
        Iterator<String> lines = (text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text)
                .lines()
                .iterator();
        while (lines.hasNext()) {
            String entry = withoutComment(lines.next()).strip();
            if (!entry.isEmpty()) {
                reader.add(entry);
            }
        }
        return reader.list();
    }

    /**
     * Reads JSON: one document or several, such as one per line. Entries are all texts in a field of this name, at any
     * depth, also in a list; if the outermost value is a list, texts in it are entries too.
     *
     * @throws tools.jackson.core.JacksonException if this is not JSON
     */
    public static FeedList json(byte[] bytes, String field) {
        FeedReader reader = new FeedReader();
        Deque<Boolean> containers = new ArrayDeque<>(); // whether texts directly in this object or list are entries
        boolean named = false;
        try (JsonParser json = new JsonFactory().createParser(ObjectReadContext.empty(), bytes)) {
            for (JsonToken token = json.nextToken(); token != null; token = json.nextToken()) {
                switch (token) {
                    case PROPERTY_NAME -> named = field.equals(json.currentName());
                    case START_OBJECT -> containers.push(false);
                    case START_ARRAY -> {
                        containers.push(containers.isEmpty() || named);
                        named = false;
                    }
                    case END_OBJECT, END_ARRAY -> {
                        containers.pop();
                        named = false;
                    }
                    default -> {
                        boolean inList = !containers.isEmpty() && containers.peek();
                        if (named || inList) {
                            reader.add(json.getString().strip());
                        }
                        named = false;
                    }
                }
                named &= token == JsonToken.PROPERTY_NAME;
            }
        }
        return reader.list();
    }

    private static String withoutComment(String line) {
        int end = 0;
        while (end < line.length() && line.charAt(end) != '#' && line.charAt(end) != ';') {
            end++;
        }
        return line.substring(0, end);
    }

    private void add(String text) {
        entries = Count.sum(entries, 1);
        Optional<IpPrefix> net = entry(text);
        if (net.isEmpty()) {
            unparsable = Count.sum(unparsable, 1);
            if (sample.isEmpty()) {
                sample = PrintableText.line(text.substring(0, Math.min(text.length(), SAMPLE_CHARS_MAX)));
            }
        } else if (nets.size() < FeedLimits.ENTRIES_READ_MAX) {
            nets.add(net.get());
        }
    }

    /** The net of an entry; empty if it is no address, or in ::/64, where IPv4 addresses have other forms. */
    static Optional<IpPrefix> entry(String text) {
        return IpPrefix.covering(withoutPort(text))
                .filter(net -> net.isIpv4() || net.network().high() != 0);
    }

    private static String withoutPort(String text) {
        if (text.startsWith("[")) {
            int close = text.indexOf(']');
            boolean ends = close > 0 && (close == text.length() - 1 || isPort(text.substring(close + 1)));
            return ends ? text.substring(1, close) : text;
        }
        int colon = text.indexOf(':');
        boolean single = colon > 0 && colon == text.lastIndexOf(':');
        return single && isPort(text.substring(colon)) ? text.substring(0, colon) : text;
    }

    private static boolean isPort(String text) {
        return text.length() > 1
                && text.length() <= 1 + PORT_DIGITS_MAX
                && text.charAt(0) == ':'
                && text.chars().skip(1).allMatch(c -> c >= '0' && c <= '9')
                && Integer.parseInt(text.substring(1)) <= PORT_MAX;
    }

    private FeedList list() {
        return new FeedList(nets, entries, unparsable, sample);
    }
}
