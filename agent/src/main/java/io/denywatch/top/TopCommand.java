package io.denywatch.top;

import io.denywatch.api.OutputOption;
import io.denywatch.cluster.AgentPods;
import io.denywatch.config.ClusterOptions;
import io.denywatch.ip.Ip;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import io.denywatch.process.Spans;
import io.denywatch.process.Version;
import io.denywatch.top.AgentFinder.Unanswered;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code top} command: shows what agents count, in a table that refreshes. */
@Command(
        name = TopCommand.NAME,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Shows current denied traffic and its sources: of one agent, of several agents or of a whole cluster."
                        + " Runs until q; without a terminal, it prints once and ends.")
public final class TopCommand implements Callable<Integer> {
    /** The name of the command. */
    public static final String NAME = "top";

    private static final String URL_OTHERWISE = "http://localhost:9464";
    private static final String NAMESPACE_OTHERWISE = "denywatch";
    private static final String SELECTOR_OTHERWISE = AgentPods.SELECTOR;

    /** A name that Kubernetes allows. */
    private static final String NODE_NAME = "[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?";

    private static final Duration EVERY_MIN = Duration.ofSeconds(1);
    private static final Duration EVERY_MAX = Duration.ofHours(1);
    private static final int LIMIT_MAX = 1_000;
    private static final int PRINTED_COLUMNS = 120;

    private final ProcessContext world;

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "URL of an agent, such as http://10.0.0.7:9464; several agents are added up (default: "
                    + URL_OTHERWISE + ").")
    private List<String> urls = new ArrayList<>();

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Option(
            names = "--namespace",
            paramLabel = "NAME",
            description =
                    "Shows all agents of the cluster that run in this namespace (default if another cluster option is given: "
                            + NAMESPACE_OTHERWISE + ").")
    private @Nullable String namespace;

    @Option(
            names = "--selector",
            paramLabel = "LABELS",
            description =
                    "Shows all agents of the cluster whose pods have these labels (default if another cluster option is given: "
                            + SELECTOR_OTHERWISE + ").")
    private @Nullable String selector;

    @Option(
            names = "--node",
            paramLabel = "NODE",
            description = "Shows only the agent on this node of the cluster; may be repeated.")
    private List<String> nodes = new ArrayList<>();

    @Option(
            names = "--sort",
            paramLabel = "COLUMN",
            defaultValue = "rate",
            description = "Order of the load balancers: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).",
            completionCandidates = SortNames.class)
    private String sort = "rate";

    @Option(names = "--nlb", paramLabel = "IP", defaultValue = "", description = "Only this load balancer, or other.")
    private String nlb = "";

    @Option(names = "--once", description = "Print once and exit: 0, or 1 if no agent responds.")
    private boolean once;

    @Mixin
    private OutputOption output = new OutputOption();

    @Option(
            names = "--every",
            paramLabel = "SPAN",
            defaultValue = "2s",
            description = "Time between two polls; --once also polls twice (default: ${DEFAULT-VALUE}).")
    private String every = "2s";

    @Option(
            names = "--limit",
            paramLabel = "N",
            defaultValue = "20",
            description = "Maximum number of rows in each table (default: ${DEFAULT-VALUE}).")
    private int limit = 20;

    /** The values of {@code --sort}. */
    static final class SortNames extends ArrayList<String> {
        private static final long serialVersionUID = 1;

        SortNames() {
            super(Stream.of(SortBy.values()).map(SortBy::label).toList());
        }
    }

    public TopCommand(ProcessContext world) {
        this.world = world;
    }

    @Override
    public Integer call() {
        output.check();
        Duration pause = pause();
        ViewState view = ViewState.of(sortBy(), nlb(), limit());
        try (AgentPoll poll = new AgentPoll(world, agents())) {
            if (once || output.isJson() || !Tty.isThere(world)) {
                return print(poll, view, pause);
            }
            try (Tty tty = Tty.open(world);
                    TopLoop loop = new TopLoop(world, poll, tty, view, pause)) {
                loop.run();
            }
        }
        return 0;
    }

    /** Polls twice, because a rate needs two samples. */
    private int print(AgentPoll poll, ViewState view, Duration pause) {
        try {
            Frame first = answered(poll.poll(view.nlb()));
            world.stop().pause(pause.toNanos());
            Frame shown = world.stop().requested() ? first : answered(poll.poll(view.nlb()));
            output.print(
                    world.out(),
                    () -> Screen.lines(shown, view, PRINTED_COLUMNS, Integer.MAX_VALUE, isAscii(world)).stream()
                            .map(StyledLine::text)
                            .map(line -> line.stripTrailing() + "\n")
                            .collect(Collectors.joining()),
                    () -> TopDocuments.of(shown, view));
            return 0;
        } catch (Unanswered e) {
            throw CommandFailure.failed(e.line());
        }
    }

    private static Frame answered(Frame shown) {
        if (shown.answering() > 0) {
            return shown;
        }
        throw CommandFailure.failed("no agent answers: "
                + shown.silent().stream()
                        .limit(3)
                        .map(silent -> silent.name() + ": " + silent.problem())
                        .collect(Collectors.joining("; "))
                + (shown.agents() > 3 ? "; and " + (shown.agents() - 3) + " more" : ""));
    }

    private AgentFinder agents() {
        boolean ofCluster = cluster.isGiven() || namespace != null || selector != null || !nodes.isEmpty();
        if (ofCluster && !urls.isEmpty()) {
            throw CommandFailure.usage("--url: \"" + urls.getFirst()
                    + "\" is not allowed beside --kubeconfig, --context, --namespace, --selector and --node;"
                    + " allowed: one of the two, because --url names agents and the others a cluster");
        }
        if (!ofCluster) {
            return new UrlAgents("--url", urls.isEmpty() ? List.of(URL_OTHERWISE) : urls, world.patience());
        }
        String inNamespace = namespace == null ? NAMESPACE_OTHERWISE : namespace;
        if (!inNamespace.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
            throw CommandFailure.usage(
                    "--namespace: \"" + inNamespace + "\" is not allowed; allowed: the name of a namespace");
        }
        nodes.stream().filter(node -> !node.matches(NODE_NAME)).findFirst().ifPresent(node -> {
            throw CommandFailure.usage("--node: \"" + node + "\" is not allowed; allowed: the name of a node");
        });
        return new PodAgents(
                cluster.connect(world),
                inNamespace,
                selector == null ? SELECTOR_OTHERWISE : selector,
                Set.copyOf(nodes));
    }

    private SortBy sortBy() {
        return Stream.of(SortBy.values())
                .filter(by -> by.label().equals(sort.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> CommandFailure.usage(
                        "--sort: \"" + sort + "\" is not allowed; allowed: " + String.join(", ", new SortNames())));
    }

    /** The address in the form that agents use. */
    private String nlb() {
        if (nlb.isEmpty() || nlb.equals(AgentPage.OTHER)) {
            return nlb;
        }
        try {
            return Ip.parse(nlb).toString();
        } catch (IllegalArgumentException e) {
            throw CommandFailure.usage(
                    "--nlb: \"" + nlb + "\" is not allowed; allowed: an IP address, or " + AgentPage.OTHER);
        }
    }

    private Duration pause() {
        return Spans.parse(every)
                .filter(span -> span.compareTo(EVERY_MIN) >= 0 && span.compareTo(EVERY_MAX) <= 0)
                .orElseThrow(() -> CommandFailure.usage("--every: \"" + every + "\" is not allowed; allowed: "
                        + Spans.ALLOWED + ", from " + Spans.text(EVERY_MIN) + " to " + Spans.text(EVERY_MAX)));
    }

    private int limit() {
        if (limit < 1 || limit > LIMIT_MAX) {
            throw CommandFailure.usage(
                    "--limit: " + limit + " is not allowed; allowed: a number from 1 to " + LIMIT_MAX);
        }
        return limit;
    }

    /** Whether the locale allows only ASCII. */
    static boolean isAscii(ProcessContext world) {
        return Stream.of("LC_ALL", "LC_CTYPE", "LANG")
                .map(name -> world.environment().getOrDefault(name, ""))
                .filter(locale -> !locale.isEmpty())
                .findFirst()
                .filter(locale ->
                        locale.toUpperCase(Locale.ROOT).replace("-", "").contains("UTF8"))
                .isEmpty();
    }
}
