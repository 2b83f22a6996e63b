package io.denywatch.policy;

import io.denywatch.ip.IpPrefix;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The largest ranges that may be exempt because an object in the cluster names them: wider ones mean everybody. */
public final class ExemptWidth {
    /** The shortest prefix that exempts its addresses in IPv4. */
    public static final int IPV4_BITS_MIN = 8;

    /** The same in IPv6. */
    public static final int IPV6_BITS_MIN = 16;

    /** The most addresses of one object, as a number of blocks with the shortest prefix. */
    public static final int WIDEST_MAX = 4;

    private ExemptWidth() {}

    /** Whether a block is too wide to be exempt. */
    public static boolean isWide(IpPrefix block) {
        return bits(block) < bitsMin(Intervals.ipVersion(block));
    }

    /** The length of a block's prefix, as it is written. */
    public static int bits(IpPrefix block) {
        return Intervals.ipVersion(block) == 4 ? block.length() - 96 : block.length();
    }

    /**
     * The blocks without those of an IP version of which there are too many addresses.
     *
     * @param left gets the IP version that is left out
     */
    public static List<IpPrefix> limited(List<IpPrefix> blocks, Consumer<Integer> left) {
        List<IpPrefix> kept = new ArrayList<>(blocks);
        for (int ipVersion : new int[] {4, 6}) {
            if (isMost(kept, ipVersion)) {
                kept.removeIf(block -> Intervals.ipVersion(block) == ipVersion);
                left.accept(ipVersion);
            }
        }
        return kept;
    }

    private static int bitsMin(int ipVersion) {
        return ipVersion == 4 ? IPV4_BITS_MIN : IPV6_BITS_MIN;
    }

    private static boolean isMost(List<IpPrefix> blocks, int ipVersion) {
        BigInteger addresses = Intervals.addresses(blocks, ipVersion).size();
        int width = ipVersion == 4 ? 32 : 128;
        return addresses.compareTo(BigInteger.valueOf(WIDEST_MAX).shiftLeft(width - bitsMin(ipVersion))) > 0;
    }
}
