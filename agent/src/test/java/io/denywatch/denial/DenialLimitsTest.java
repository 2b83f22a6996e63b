package io.denywatch.denial;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DenialLimitsTest {
    private static final int[] DEFAULTS = {256, 1024, 20, 64, 64};

    @ParameterizedTest
    @CsvSource({
        "0, loadBalancersMax, 1, 4096",
        "1, sourcesPerLoadBalancerMax, 1, 1048576",
        "2, exportedPerLoadBalancer, 0, 1000",
        "3, ipv6PrefixLength, 1, 128",
        "4, portsPerLoadBalancerMax, 1, 1048576"
    })
    void takesEachValueInItsRangeAndNamesOneThatIsNot(int component, String name, int min, int max) {
        for (int good : new int[] {min, max}) {
            assertDoesNotThrow(() -> with(component, good));
        }
        for (int bad : new int[] {min - 1, max + 1, Integer.MIN_VALUE, Integer.MAX_VALUE}) {
            Exception e = assertThrows(IllegalArgumentException.class, () -> with(component, bad));
            assertEquals(name + " must be " + min + " to " + max + ": " + bad, e.getMessage());
        }
    }

    private static DenialLimits with(int component, int value) {
        int[] v = DEFAULTS.clone();
        v[component] = value;
        return new DenialLimits(v[0], v[1], v[2], v[3], v[4]);
    }
}
