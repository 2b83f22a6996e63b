package io.denywatch.agent;

import io.denywatch.blocklist.BlocklistMode;
import io.denywatch.blocklist.BlocklistStatus;
import io.denywatch.blocklist.BlocklistStore.DryRunStore;
import io.denywatch.blocklist.DecisionListener;
import io.denywatch.blocklist.EnforcementGate;
import io.denywatch.blocklist.Enforcer;
import io.denywatch.blocklist.NeverBlock.Range;
import io.denywatch.blocklist.PromotionPolicy;
import io.denywatch.config.Configuration;
import io.denywatch.config.Discovery;
import io.denywatch.config.Exemptions;
import io.denywatch.process.ProcessContext;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Decides about detections, if the configuration asks for it. Any thread may ask for the status. */
sealed interface Blocking {
    /** Starts the thread that decides. */
    void start(Loops loops);

    /** What was decided. */
    BlocklistStatus status();

    /** Nothing is decided in mode {@code off}. */
    record Off() implements Blocking {
        @Override
        public void start(Loops loops) {
            // nothing to decide
        }

        @Override
        public BlocklistStatus status() {
            return BlocklistStatus.OFF;
        }
    }

    /** Decides in every other mode. */
    record On(Enforcer enforcer) implements Blocking {
        @Override
        public void start(Loops loops) {
            loops.startWaiting("blocklist", enforcer::tick);
        }

        @Override
        public BlocklistStatus status() {
            return enforcer.status();
        }
    }

    /** Starts nothing yet. */
    static Blocking of(
            Configuration configuration, ProcessContext world, Counting counting, Summing summing, Cluster cluster) {
        Configuration.BlocklistSettings blocklist = configuration.blocklist();
        if (blocklist.mode() == BlocklistMode.OFF) {
            return new Off();
        }
        boolean enforces = blocklist.mode() == BlocklistMode.ENFORCE;
        Exemptions exemptions = exemptions(configuration, world, counting, cluster);
        DecisionLog log = new DecisionLog(
                world.out(), configuration.node(), () -> counting.snapshot().stopped());
        DecisionListener events = cluster.events();
        return new On(new Enforcer(
                blocklist.mode(),
                new PromotionPolicy(blocklist.rules(), blocklist.limits(), blocklist.rememberFor()),
                enforces ? cluster.store(() -> exemptions.known().ranges()) : new DryRunStore(),
                counting::detections,
                summing::detections,
                exemptions::known,
                enforces ? cluster::gate : () -> EnforcementGate.GRANTED,
                counting::trust,
                (decision, mode, now) -> {
                    log.decided(decision, mode, now);
                    events.decided(decision, mode, now);
                },
                new SecureRandom().nextLong()));
    }

    /** The sources that are never blocked, for one thread. */
    static Exemptions exemptions(
            Configuration configuration, ProcessContext world, Counting counting, Cluster cluster) {
        List<Supplier<Optional<List<Range>>>> found =
                new ArrayList<>(List.of(cluster::ranges, cluster::allowed, cluster::liveExemptions));
        if (configuration.loadBalancers().discovery() == Discovery.ANY) {
            found.add(() -> Optional.of(Exemptions.counted(counting.snapshot().denials())));
        }
        return new Exemptions(configuration, found, Path.of("/"), world.clock());
    }
}
