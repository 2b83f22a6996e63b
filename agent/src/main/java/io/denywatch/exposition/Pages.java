package io.denywatch.exposition;

import io.denywatch.blocklist.AnsweredSource;
import io.denywatch.blocklist.Answers;
import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.denial.DenialSnapshot;
import io.denywatch.denial.DenialSnapshot.NlbDenials;
import io.denywatch.doctor.Enforcement;
import io.denywatch.ingest.IngestSnapshot;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Answers to GET requests: the target of a request in, status and body out. Confined to the event loop. */
final class Pages {
    private static final String PLAIN = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";
    private static final int BODY_BYTES = 4 * 1024; // to start with; bodies grow as needed

    private final ExpositionSettings agent;
    private final MetricsPage metrics; // not owned
    private final Published published;
    private final InstantSource clock;
    /** Size of the last scrape: the next is about as large, and then is written without growing its buffer. */
    private int scrapeBytes = BODY_BYTES;

    Pages(ExpositionSettings agent, MetricsPage metrics, Published published, InstantSource clock) {
        this.agent = agent;
        this.metrics = metrics;
        this.published = published;
        this.clock = clock;
    }

    /**
     * Answers a GET.
     *
     * @param target of the request: a path, or a whole URI (RFC 9112, section 3.2.2)
     * @param accept the {@code Accept} header; empty if there is none
     */
    Answer get(String target, String accept, ByteBufAllocator allocator) throws IOException {
        QueryStringDecoder decoder = new QueryStringDecoder(originForm(target));
        Route route;
        List<String> nlb;
        List<String> source;
        try {
            route = Route.at(decoder.path());
            nlb = decoder.parameters().getOrDefault("nlb", List.of());
            source = decoder.parameters().getOrDefault("source", List.of());
        } catch (IllegalArgumentException e) { // a broken percent-encoding
            return text(HttpResponseStatus.BAD_REQUEST, "bad request target: " + e.getMessage(), allocator);
        }
        IngestSnapshot snapshot = published.ingest().get();
        return switch (route) {
            case null -> text(HttpResponseStatus.NOT_FOUND, "not found; / lists what there is", allocator);
            case PAGE -> Asset.PAGE.answer(allocator);
            case PAGE_STYLE -> Asset.STYLE.answer(allocator);
            case PAGE_SCRIPT -> Asset.SCRIPT.answer(allocator);
            case METRICS ->
                snapshot.settled()
                        ? scrape(ScrapeFormat.accepted(accept), allocator)
                        : probe(
                                Probe.ready(snapshot, ""),
                                allocator); // what was counted so far may be less than before
            case LIVEZ -> probe(Probe.live(snapshot, clock.millis()), allocator);
            case READYZ -> probe(Probe.ready(snapshot, metrics.problem()), allocator);
            case NLBS ->
                snapshot.settled()
                        ? body(HttpResponseStatus.OK, JSON, allocator, out -> JsonDocuments.nlbs(agent, snapshot, out))
                        : unsettled(snapshot, allocator);
            case SOURCES -> snapshot.settled() ? sources(snapshot, nlb, allocator) : unsettled(snapshot, allocator);
            case BLOCKLIST -> source.isEmpty() ? blocklist(allocator) : story(snapshot, source, allocator);
            case FINDINGS ->
                body(
                        HttpResponseStatus.OK,
                        JSON,
                        allocator,
                        out -> FindingsDocument.write(published.diagnosis().get(), out));
        };
    }

    /** In place of counts that may be less than what was shown before. */
    private static Answer unsettled(IngestSnapshot snapshot, ByteBufAllocator allocator) throws IOException {
        String problem = Probe.ready(snapshot, "").text();
        return body(HttpResponseStatus.SERVICE_UNAVAILABLE, JSON, allocator, out -> JsonDocuments.error(problem, out));
    }

    /** One line of plain text. */
    static Answer text(HttpResponseStatus status, String line, ByteBufAllocator allocator) {
        return new Answer(status, PLAIN, ByteBufUtil.writeUtf8(allocator, line + "\n"));
    }

    private Answer scrape(ScrapeFormat format, ByteBufAllocator allocator) throws IOException {
        ByteBuf body = allocator.directBuffer(scrapeBytes + scrapeBytes / 16);
        write(body, out -> metrics.write(format, out));
        scrapeBytes = body.readableBytes();
        return new Answer(HttpResponseStatus.OK, format.contentType(), body);
    }

    private Answer blocklist(ByteBufAllocator allocator) throws IOException {
        BlocklistStatus status = published.blocklist().get();
        Answers answers = published.answers().get();
        return body(
                HttpResponseStatus.OK,
                JSON,
                allocator,
                out -> BlocklistDocument.write(status, enforcement(), answers, clock.instant(), out));
    }

    private Answer story(IngestSnapshot snapshot, List<String> source, ByteBufAllocator allocator) throws IOException {
        IpPrefix asked;
        try {
            asked = IpPrefix.parse(source.size() == 1 ? source.getFirst() : String.join(",", source));
        } catch (IllegalArgumentException e) {
            String problem = "source must be given once and be an IP address or a CIDR: " + source;
            return body(HttpResponseStatus.BAD_REQUEST, JSON, allocator, out -> JsonDocuments.error(problem, out));
        }
        Stream<NlbDenials> denials = snapshot.settled() ? SourceStoryDocument.all(snapshot.denials()) : Stream.empty();
        BlocklistStatus status = published.blocklist().get();
        Answers answers = published.answers().get();
        return body(
                HttpResponseStatus.OK,
                JSON,
                allocator,
                out -> SourceStoryDocument.write(
                        agent.node(), asked, status, enforcement(), answers, denials, clock.instant(), out));
    }

    private Answer sources(IngestSnapshot snapshot, List<String> asked, ByteBufAllocator allocator) throws IOException {
        DenialSnapshot denials = snapshot.denials();
        String nlb = asked.size() == 1 ? canonical(asked.getFirst(), denials) : null;
        if (nlb == null) {
            String problem = "nlb must be given once and be an IP address or "
                    + denials.other().nlb() + ": " + asked;
            return body(HttpResponseStatus.BAD_REQUEST, JSON, allocator, out -> JsonDocuments.error(problem, out));
        }
        NlbDenials found = find(nlb, denials);
        if (found == null) {
            String problem = "no denials are counted for " + nlb + "; " + Route.NLBS.path() + " lists those that are";
            return body(HttpResponseStatus.NOT_FOUND, JSON, allocator, out -> JsonDocuments.error(problem, out));
        }
        Instant now = clock.instant();
        List<AnsweredSource> answers = published.answers().get().validAt(now);
        BlocklistStatus blocklist = published.blocklist().get();
        return body(
                HttpResponseStatus.OK,
                JSON,
                allocator,
                out -> SourcesDocument.write(snapshot, found, answers, blocklist, enforcement(), now, out));
    }

    private Enforcement enforcement() {
        return published.diagnosis().get().enforcement();
    }

    /** The name that a load balancer goes by here; none if the text can't be one. */
    private static @Nullable String canonical(String text, DenialSnapshot denials) {
        if (text.equals(denials.other().nlb())) {
            return text;
        }
        try {
            return Ip.parse(text).toString();
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    private static @Nullable NlbDenials find(String nlb, DenialSnapshot denials) {
        if (nlb.equals(denials.other().nlb())) {
            return denials.other();
        }
        for (NlbDenials candidate : denials.loadBalancers()) {
            if (candidate.nlb().equals(nlb)) {
                return candidate;
            }
        }
        return null;
    }

    private static Answer probe(Probe probe, ByteBufAllocator allocator) {
        return text(
                probe.ok() ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE, probe.text(), allocator);
    }

    private static Answer body(
            HttpResponseStatus status, String contentType, ByteBufAllocator allocator, BodyWriter writer)
            throws IOException {
        ByteBuf body = allocator.directBuffer(BODY_BYTES);
        write(body, writer);
        return new Answer(status, contentType, body);
    }

    /** Fills a buffer, or lets go of it. */
    private static void write(ByteBuf body, BodyWriter writer) throws IOException {
        boolean written = false;
        try (ByteBufOutputStream out = new ByteBufOutputStream(body)) {
            writer.write(out);
            written = true;
        } finally {
            if (!written) {
                body.release();
            }
        }
    }

    private static String originForm(String target) {
        int scheme = target.indexOf("://");
        if (scheme < 0 || target.startsWith("/")) {
            return target;
        }
        int path = target.indexOf('/', scheme + 3);
        return path < 0 ? "/" : target.substring(path);
    }

    /** Writes a body. */
    @FunctionalInterface
    private interface BodyWriter {
        void write(OutputStream out) throws IOException;
    }
}
