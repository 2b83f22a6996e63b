package io.denywatch.command;

import io.denywatch.agent.SourceChoice;
import io.denywatch.api.OutputOption;
import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.cluster.ClusterConnection;
import io.denywatch.cluster.survey.ClusterSurvey;
import io.denywatch.config.ClusterOptions;
import io.denywatch.config.Configuration;
import io.denywatch.config.ConfigurationOptions;
import io.denywatch.config.SourceKind;
import io.denywatch.doctor.ClusterFindings;
import io.denywatch.doctor.Diagnosis;
import io.denywatch.doctor.Finding;
import io.denywatch.doctor.FindingKind;
import io.denywatch.doctor.Installation;
import io.denywatch.doctor.Node;
import io.denywatch.doctor.NodeChecks;
import io.denywatch.kmsg.KmsgTail;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.ProcessContext;
import io.denywatch.process.Version;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The {@code doctor} command: checks this node and its cluster. */
@Command(
        name = DoctorCommand.NAME,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Checks what the agent depends on. For every problem, reports what is wrong, why it matters and what to"
                        + " do. Read-only. Exit code 1 if something is wrong.")
final class DoctorCommand implements Callable<Integer> {
    static final String NAME = "doctor";

    private final ProcessContext world;

    @Mixin
    private ConfigurationOptions options = new ConfigurationOptions();

    @Mixin
    private OutputOption output = new OutputOption();

    @Mixin
    private ClusterOptions cluster = new ClusterOptions();

    @Option(
            names = "--log",
            paramLabel = "FILE",
            description = "The log to check, instead of source.kind and source.path.")
    private @Nullable Path log;

    @Option(
            names = "--root",
            paramLabel = "DIRECTORY",
            defaultValue = "/",
            description = "Root of the node's file system, such as /host in a debugging pod"
                    + " (default: ${DEFAULT-VALUE}).")
    private Path root = Path.of("/");

    DoctorCommand(ProcessContext world) {
        this.world = world;
    }

    @Override
    public Integer call() {
        output.check();
        if (!Files.isDirectory(root)) {
            throw CommandFailure.usage("--root: \"" + root + "\" is not allowed; allowed: a directory");
        }
        Configuration configuration = options.configuration(world);
        List<Finding> findings = nodeFindings(configuration);
        if (configuration.usesCluster() || cluster.isNamed(world)) {
            findings.addAll(clusterFindings(configuration));
        }
        Diagnosis diagnosis = new Diagnosis(world.clock().millis(), findings);
        output.print(world.out(), diagnosis::text, diagnosis::document);
        return diagnosis.healthy() ? 0 : CommandFailure.FAILED;
    }

    private List<Finding> clusterFindings(Configuration configuration) {
        ClusterSurvey survey;
        try (ClusterConnection connection = cluster.connect(world)) {
            survey = ClusterSurvey.take(
                    connection, configuration.blocklist().crdAllowed(), configuration.clusterNeeds());
        } catch (CommandFailure e) {
            survey = ClusterSurvey.unreachable(e.line());
        }
        return ClusterFindings.of(
                survey,
                new ClusterFindings.Scope(
                        node(configuration.node(), survey),
                        configuration.blocklist().mode() == BlocklistMode.ENFORCE,
                        configuration.blocklist().policy(),
                        configuration.prefixes(),
                        configuration.ignoresExemptions()));
    }

    /** The configured node; without one, this machine if it is a node of the cluster. */
    private Optional<String> node(String name, ClusterSurvey survey) {
        boolean named = world.environment().containsKey("NODE_NAME") || !name.equals(world.hostName());
        boolean known = survey.policies().stream()
                .flatMap(policies -> policies.state().hostEndpoints().stream())
                .anyMatch(endpoint -> endpoint.node().equals(name));
        return named || known ? Optional.of(name) : Optional.empty();
    }

    private List<Finding> nodeFindings(Configuration configuration) {
        Node node = Node.at(root);
        Configuration.InputSettings source = configuration.source();
        Path path = (log == null ? source.path() : log).toAbsolutePath();
        SourceKind kind = log == null ? source.kind() : SourceKind.FILE;
        List<Finding> findings = new ArrayList<>();
        if (kind == SourceKind.AUTO) {
            Configuration.InputSettings here = new Configuration.InputSettings(
                    kind, node.locate(path), source.trusted(), source.startAt(), source.zone(), source.learnZone());
            SourceChoice choice = SourceChoice.of(here, null, () -> node.opens(KmsgTail.DEVICE));
            kind = choice.kind();
            findings.add(FindingKind.SOURCE_CHOSEN.found(
                    choice.kind().label() + ", if no position is saved: " + choice.why()));
        }
        findings.addAll(NodeChecks.findings(
                node,
                new Installation(
                        kind == SourceKind.FILE,
                        path,
                        source.trusted(),
                        configuration.blocklist().mode() != BlocklistMode.OFF,
                        configuration.prefixes(),
                        source.zone(),
                        source.learnZone(),
                        configuration.checkpointDirectory().toAbsolutePath()),
                world.clock().instant()));
        return findings;
    }
}
