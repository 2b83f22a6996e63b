package io.denywatch.exposition;

import io.denywatch.denial.DenialSnapshot.SourceCount;
import io.denywatch.ip.IpPrefix;

/** A source as text: an address, or a block of them in CIDR notation. */
final class SourceText {
    private SourceText() {}

    static String of(SourceCount count) {
        return of(new IpPrefix(count.source(), count.prefixLength()));
    }

    static String of(IpPrefix block) {
        return block.isSingle() ? block.network().toString() : block.toString();
    }
}
