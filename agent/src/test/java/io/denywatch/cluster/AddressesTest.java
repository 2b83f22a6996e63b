package io.denywatch.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressesTest {
    @ParameterizedTest
    @CsvSource({
        "10.0.0.0/8, 10.0.0.0/8",
        "10.1.2.3/8, 10.0.0.0/8",
        "10.1.2.3, 10.1.2.3/32",
        "10.1.2.3/32, 10.1.2.3/32",
        "0.0.0.0/0, 0.0.0.0/0",
        "fd00::1/64, fd00::/64",
        "fd00::1, fd00::1/128",
        "fd00::1/128, fd00::1/128",
        "10.0.0.0/33, none",
        "10.0.0.0/-1, none",
        "10.0.0.0/, none",
        "10.0.0.0/x, none",
        "fd00::/129, none",
        "10.0.0/8, none",
        "node-1, none",
        "'', none",
    })
    void aBlockIsWhatItsPrefixSays(String text, String block) {
        assertEquals(block, Addresses.block(text).map(Object::toString).orElse("none"));
    }
}
