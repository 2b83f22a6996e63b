package io.denywatch.top;

import io.denywatch.count.Count;
import io.denywatch.top.AgentPage.AgentBlock;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;

/** Merges what all agents that list a source report about it. Confined to one thread. */
final class SourceAggregate {
    /** The greater block is the one with the stronger effect; at equal effects, the one that ends later. */
    private static final Comparator<AgentBlock> STRENGTH =
            Comparator.comparing(AgentBlock::effect).thenComparing(AgentBlock::until);

    private final String source;
    private final SortedSet<String> nlbs = new TreeSet<>();
    private long packets;
    private long atMost;
    private long boundedIfUnlisted; // for the agents that list it, the sum of their bounds for unlisted sources
    private int unbounded; // agents that list it and have no bound for unlisted sources
    private Instant firstSeen = Instant.MAX;
    private Instant lastSeen = Instant.MIN;
    private boolean answered;
    private Optional<AgentBlock> block = Optional.empty();

    SourceAggregate(String source) {
        this.source = source;
    }

    void add(AgentListing part, AgentPage.AgentSource listed) {
        nlbs.add(part.nlb());
        packets = Count.sum(packets, listed.packets());
        atMost = Count.sum(atMost, listed.atMost());
        if (part.isBounded()) {
            boundedIfUnlisted = Count.sum(boundedIfUnlisted, part.unlistedAtMost());
        } else {
            unbounded++;
        }
        firstSeen = listed.firstSeen().isBefore(firstSeen) ? listed.firstSeen() : firstSeen;
        lastSeen = listed.lastSeen().isAfter(lastSeen) ? listed.lastSeen() : lastSeen;
        answered |= listed.answered();
        if (block.isEmpty()
                || (listed.block().isPresent()
                        && STRENGTH.compare(listed.block().get(), block.get()) > 0)) {
            block = listed.block();
        }
    }

    /**
     * The merged source, including what the agents that do not list it may have counted.
     *
     * @param boundedTotal the sum of all agents' bounds for unlisted sources
     * @param unboundedParts the number of agents without such a bound
     */
    ClusterPage.MergedSource toSource(long boundedTotal, int unboundedParts) {
        // A sum that has stopped at its limit is no bound, and neither is a difference from it.
        long others = boundedTotal == Count.MAX ? Count.MAX : boundedTotal - boundedIfUnlisted;
        long most = unboundedParts > unbounded ? ClusterPage.UNKNOWN : Count.sum(atMost, others);
        return new ClusterPage.MergedSource(source, packets, most, nlbs, firstSeen, lastSeen, answered, block);
    }
}
