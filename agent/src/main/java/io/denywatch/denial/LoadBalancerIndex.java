package io.denywatch.denial;

import io.denywatch.count.Count;
import io.denywatch.ip.Ip;
import io.denywatch.sketch.KeyIndex;
import io.denywatch.sketch.SeededHash;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The load balancers that are told apart, by address. One that is retired keeps its counts until another needs its
 * place: the one retired longest goes first. Confined to the ingest thread.
 */
final class LoadBalancerIndex {
    private final DenialLimits limits;
    private final SeededHash hash;
    private final KeyIndex addresses;
    private final List<LoadBalancerCounts> all = new ArrayList<>(); // by number in addresses
    private int retired;

    // By tables before this one, and by load balancers that are gone: their part would be missing in the sum.
    private long goneEvictedForCapacity;
    private long goneEvictedIdle;

    LoadBalancerIndex(DenialLimits limits, SeededHash hash) {
        this.limits = limits;
        this.hash = hash;
        addresses = new KeyIndex(hash, limits.loadBalancersMax());
    }

    /** In the order in which they were met; retired ones among them. */
    List<LoadBalancerCounts> all() {
        return all;
    }

    /** The counts of an address, or null if it is not told apart or retired. */
    @Nullable
    LoadBalancerCounts inUse(long high, long low) {
        int number = addresses.find(high, low, hash.of(high, low));
        if (number < 0) {
            return null;
        }
        LoadBalancerCounts found = all.get(number);
        return found.retiredAt == 0 ? found : null;
    }

    boolean has(Ip address) {
        return addresses.find(address.high(), address.low(), hash.of(address.high(), address.low())) >= 0;
    }

    /** Whether {@link #use} has room for an address that is not here yet. */
    boolean hasRoom() {
        return addresses.size() < limits.loadBalancersMax() || retired > 0;
    }

    /** Takes an address into use, with the counts it has or with none and no rows yet; null if there is no room. */
    @Nullable
    LoadBalancerCounts use(long high, long low) {
        long key = hash.of(high, low);
        int number = addresses.find(high, low, key);
        if (number >= 0) {
            LoadBalancerCounts found = all.get(number);
            retired -= found.retiredAt == 0 ? 0 : 1;
            found.retiredAt = 0;
            return found;
        }
        if (!hasRoom()) {
            return null;
        }
        LoadBalancerCounts added = new LoadBalancerCounts(new Ip(high, low), limits, hash);
        if (addresses.size() < limits.loadBalancersMax()) {
            addresses.append(high, low, key);
            all.add(added);
        } else {
            int longest = longestRetired();
            goneEvictedForCapacity = Count.sum(
                    goneEvictedForCapacity, all.get(longest).sources.counts.evictedForCapacity());
            goneEvictedIdle =
                    Count.sum(goneEvictedIdle, all.get(longest).sources.counts.evictedIdle());
            addresses.replace(longest, high, low, key);
            all.set(longest, added);
            retired--;
        }
        return added;
    }

    private int longestRetired() {
        LoadBalancerCounts longest = all.stream()
                .filter(nlb -> nlb.retiredAt > 0)
                .min(Comparator.comparingInt(nlb -> nlb.retiredAt))
                .orElseThrow();
        return all.indexOf(longest);
    }

    /** Takes a load balancer that is in use out of it. */
    void retire(LoadBalancerCounts nlb, int number) {
        nlb.retiredAt = number;
        retired++;
    }

    long evictedForCapacity() {
        long sum = goneEvictedForCapacity;
        for (int i = 0; i < all.size(); i++) {
            sum = Count.sum(sum, all.get(i).sources.counts.evictedForCapacity());
        }
        return sum;
    }

    long evictedIdle() {
        long sum = goneEvictedIdle;
        for (int i = 0; i < all.size(); i++) {
            sum = Count.sum(sum, all.get(i).sources.counts.evictedIdle());
        }
        return sum;
    }

    /** Adds what others evicted. */
    void restoreEvicted(long forCapacity, long idle) {
        goneEvictedForCapacity = Count.sum(goneEvictedForCapacity, forCapacity);
        goneEvictedIdle = Count.sum(goneEvictedIdle, idle);
    }

    /** Bytes of the arrays' elements. */
    long bytes() {
        return addresses.bytes()
                + all.stream().mapToLong(LoadBalancerCounts::bytes).sum();
    }
}
