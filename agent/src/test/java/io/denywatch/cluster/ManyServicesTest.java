package io.denywatch.cluster;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.management.ManagementFactory;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ManyServicesTest {
    private static final int SERVICES = 2_000;
    private static final int PUBLICATIONS_MAX = 20;
    private static final long BYTES_PER_SERVICE_MAX = 4_096;

    private static long usedBytes() {
        var memory = ManagementFactory.getMemoryMXBean();
        memory.gc();
        return memory.getHeapMemoryUsage().getUsed();
    }

    @Test
    void thousandsOfServicesAreFewPublicationsAndLittleMemory() throws ClusterException {
        try (FollowedCluster cluster = FollowedCluster.asAdmin("none", true)) {
            cluster.makeNamespace("crowd");
            IntStream.range(0, SERVICES)
                    .parallel()
                    .forEach(i -> cluster.makeLoadBalancer("crowd", "s" + i, "198.18." + i / 250 + "." + i % 250));
            long before = usedBytes();
            cluster.awaitServices("crowd", SERVICES);
            assertTrue(
                    cluster.publications() <= PUBLICATIONS_MAX,
                    cluster.publications() + " publications for " + SERVICES + " services");
            long bytes = usedBytes() - before;
            assertTrue(bytes < SERVICES * BYTES_PER_SERVICE_MAX, bytes + " bytes for " + SERVICES + " services");
            System.Logger log = System.getLogger(ManyServicesTest.class.getName());
            log.log(System.Logger.Level.INFO, bytes + " bytes for " + SERVICES + " services");
            cluster.admin().namespaces().withName("crowd").delete();
            cluster.admin().services().inNamespace("crowd").delete();
            cluster.awaitServices("crowd", 0);
        }
    }
}
