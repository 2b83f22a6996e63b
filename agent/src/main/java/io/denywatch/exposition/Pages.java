package io.denywatch.exposition;

import io.denywatch.api.ApiJson;
import io.denywatch.api.ApiPaths;
import io.denywatch.api.Enforcement;
import io.denywatch.api.ErrorDocument;
import io.denywatch.api.SummaryDocument;
import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.blocklist.SharedBlocklist;
import io.denywatch.denial.DenialSnapshot;
import io.denywatch.denial.DenialSnapshot.LoadBalancerDenials;
import io.denywatch.denial.StoppedSources;
import io.denywatch.detection.EstablishedSource;
import io.denywatch.detection.EstablishedSources;
import io.denywatch.detection.NodeSummary;
import io.denywatch.ingest.IngestSnapshot;
import io.denywatch.ip.Ip;
import io.denywatch.ip.IpPrefix;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufOutputStream;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.QueryStringDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The pages of the agent: turns the target of a request into a status and a body. Confined to the event loop. */
final class Pages implements Site {
    private static final String PLAIN = "text/plain; charset=utf-8";
    private static final String JSON = "application/json";

    private final ExpositionSettings agent;
    private final MetricsPage metrics; // not owned
    private final Published published;
    private final InstantSource clock;
    private final RenderedPages rendered; // not owned

    Pages(
            ExpositionSettings agent,
            MetricsPage metrics,
            Published published,
            InstantSource clock,
            RenderedPages rendered) {
        this.agent = agent;
        this.metrics = metrics;
        this.published = published;
        this.clock = clock;
        this.rendered = rendered;
    }

    @Override
    public @Nullable Response get(String target, String accept, ByteBufAllocator allocator) throws IOException {
        QueryStringDecoder decoder = new QueryStringDecoder(originForm(target));
        Route route;
        List<String> nlb;
        List<String> source;
        try {
            route = Route.at(decoder.path());
            nlb = decoder.parameters().getOrDefault(ApiPaths.NLB, List.of());
            source = decoder.parameters().getOrDefault(ApiPaths.SOURCE, List.of());
        } catch (IllegalArgumentException e) { // a broken percent-encoding
            return text(HttpResponseStatus.BAD_REQUEST, "bad request target: " + e.getMessage(), allocator);
        }
        IngestSnapshot snapshot = published.ingest().get();
        rendered.show(snapshot, clock.millis());
        return switch (route) {
            case null -> text(HttpResponseStatus.NOT_FOUND, "not found; / lists what there is", allocator);
            case PAGE -> asset(route, Asset.PAGE, allocator);
            case PAGE_STYLE -> asset(route, Asset.STYLE, allocator);
            case PAGE_SCRIPT -> asset(route, Asset.SCRIPT, allocator);
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
                        ? json(route.path(), allocator, () -> Documents.nlbs(agent, snapshot))
                        : unsettled(snapshot, allocator);
            case SOURCES -> snapshot.settled() ? sources(snapshot, nlb, allocator) : unsettled(snapshot, allocator);
            case BLOCKLIST -> source.isEmpty() ? blocklist(allocator) : story(snapshot, source, allocator);
            case BLOCKLIST_TEXT -> shared(allocator);
            case FINDINGS ->
                json(route.path(), allocator, () -> published.diagnosis().get().document());
            case SUMMARY -> {
                NodeSummary summary = published.summary().get();
                yield json(route.path(), allocator, () -> SummaryDocument.of(summary));
            }
        };
    }

    /** The response while counts may be lower than those shown before. */
    private static Response unsettled(IngestSnapshot snapshot, ByteBufAllocator allocator) throws IOException {
        String problem = Probe.ready(snapshot, "").text();
        return error(HttpResponseStatus.SERVICE_UNAVAILABLE, problem, allocator);
    }

    /** One line of plain text. */
    static Response text(HttpResponseStatus status, String line, ByteBufAllocator allocator) {
        return new Response(status, PLAIN, ByteBufUtil.writeUtf8(allocator, line + "\n"));
    }

    private @Nullable Response asset(Route route, Asset asset, ByteBufAllocator allocator) throws IOException {
        Response page = rendered.get(route.path(), asset.contentType(), allocator, asset::write);
        return page == null
                ? null
                : new Response(page.status(), page.contentType(), Asset.CONTENT_SECURITY_POLICY, "", page.body());
    }

    private @Nullable Response scrape(ScrapeFormat format, ByteBufAllocator allocator) throws IOException {
        return rendered.get(format.name(), format.contentType(), allocator, out -> metrics.write(format, out));
    }

    private @Nullable Response json(String name, ByteBufAllocator allocator, Supplier<?> document) throws IOException {
        return rendered.get(name, JSON, allocator, out -> ApiJson.write(document.get(), out));
    }

    private @Nullable Response blocklist(ByteBufAllocator allocator) throws IOException {
        BlocklistStatus status = published.blocklist().get();
        EstablishedSources answers = published.answers().get();
        StoppedSources stopped = published.ingest().get().stopped();
        return json(
                Route.BLOCKLIST.path(),
                allocator,
                () -> Documents.blocklist(status, enforcement(), answers, stopped, clock.instant()));
    }

    private @Nullable Response shared(ByteBufAllocator allocator) throws IOException {
        return switch (published.shared().get()) {
            case SharedBlocklist.NotShared _ ->
                text(
                        HttpResponseStatus.NOT_FOUND,
                        "the blocklist is not shared; to share it, set blocklist.countBlocked to true",
                        allocator);
            case SharedBlocklist.NotYetKnown(String why) ->
                text(HttpResponseStatus.SERVICE_UNAVAILABLE, "the blocklist cannot be shared now: " + why, allocator);
            case SharedBlocklist.Listed(String list, String etag) -> {
                // Each list is a page of its own, so that its tag fits.
                Response page = rendered.get(
                        Route.BLOCKLIST_TEXT.path() + "?" + etag,
                        PLAIN,
                        allocator,
                        out -> out.write(list.getBytes(StandardCharsets.US_ASCII)));
                yield page == null ? null : page.tagged(etag);
            }
        };
    }

    private @Nullable Response story(IngestSnapshot snapshot, List<String> source, ByteBufAllocator allocator)
            throws IOException {
        IpPrefix asked;
        try {
            asked = IpPrefix.parse(source.size() == 1 ? source.getFirst() : String.join(",", source));
        } catch (IllegalArgumentException e) {
            String problem = "source must be given once and be an IP address or a CIDR: " + source;
            return error(HttpResponseStatus.BAD_REQUEST, problem, allocator);
        }
        DenialSnapshot denials = snapshot.settled() ? snapshot.denials() : null;
        BlocklistStatus status = published.blocklist().get();
        EstablishedSources answers = published.answers().get();
        return json(
                Route.BLOCKLIST.path() + "?" + asked,
                allocator,
                () -> Documents.source(
                        agent.node(),
                        asked,
                        status,
                        enforcement(),
                        answers,
                        denials,
                        snapshot.stopped(),
                        clock.instant()));
    }

    private @Nullable Response sources(IngestSnapshot snapshot, List<String> asked, ByteBufAllocator allocator)
            throws IOException {
        DenialSnapshot denials = snapshot.denials();
        String nlb = asked.size() == 1 ? canonical(asked.getFirst(), denials) : null;
        if (nlb == null) {
            String problem = "nlb must be given once and be an IP address or "
                    + denials.other().nlb() + ": " + asked;
            return error(HttpResponseStatus.BAD_REQUEST, problem, allocator);
        }
        LoadBalancerDenials found = find(nlb, denials);
        if (found == null) {
            String problem = "no denials are counted for " + nlb + "; " + Route.NLBS.path() + " lists what is counted";
            return error(HttpResponseStatus.NOT_FOUND, problem, allocator);
        }
        Instant now = clock.instant();
        List<EstablishedSource> answers = published.answers().get().validAt(now);
        BlocklistStatus blocklist = published.blocklist().get();
        return json(
                Route.SOURCES.path() + "?" + nlb,
                allocator,
                () -> Documents.sources(snapshot, found, answers, blocklist, enforcement(), now));
    }

    private Enforcement enforcement() {
        return published.diagnosis().get().enforcement();
    }

    /** The name under which snapshots list a load balancer; null if the text is neither an address nor "other". */
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

    private static @Nullable LoadBalancerDenials find(String nlb, DenialSnapshot denials) {
        if (nlb.equals(denials.other().nlb())) {
            return denials.other();
        }
        for (LoadBalancerDenials candidate : denials.loadBalancers()) {
            if (candidate.nlb().equals(nlb)) {
                return candidate;
            }
        }
        return null;
    }

    private static Response probe(Probe probe, ByteBufAllocator allocator) {
        return text(
                probe.ok() ? HttpResponseStatus.OK : HttpResponseStatus.SERVICE_UNAVAILABLE, probe.text(), allocator);
    }

    /** A problem as JSON. */
    private static Response error(HttpResponseStatus status, String problem, ByteBufAllocator allocator)
            throws IOException {
        try (ByteBufOutputStream out = new ByteBufOutputStream(allocator.directBuffer())) {
            ApiJson.write(new ErrorDocument(problem), out);
            return new Response(status, JSON, out.buffer());
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
}
