package io.denywatch.cluster.sets;

import io.denywatch.blocklist.Blocklist.BlockEntry;
import io.denywatch.blocklist.Blocklist.PriorBlock;
import io.denywatch.blocklist.ManualList;
import io.denywatch.ip.IpPrefix;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One set that the blocklist's policy selects, for display. Immutable.
 *
 * @param name of the object
 * @param node the node whose agent writes it; empty if it belongs to no node
 * @param entries of that agent
 * @param priorBlocks prior blocks that the agent remembers
 * @param manual the manual decisions, if this is the set that holds them
 * @param foreign stored nets without an entry, as written
 */
public record BlocklistSet(
        String name,
        String node,
        List<BlockEntry> entries,
        List<PriorBlock> priorBlocks,
        ManualList manual,
        List<String> foreign) {
    /** Copies the lists. */
    public BlocklistSet {
        entries = List.copyOf(entries);
        priorBlocks = List.copyOf(priorBlocks);
        foreign = List.copyOf(foreign);
    }

    static BlocklistSet of(StoredNetworkSet set) {
        List<BlockEntry> entries = List.copyOf(set.blocklist().entries().values());
        ManualList manual = set.name().equals(SetName.MANUAL) ? set.manual() : ManualList.EMPTY;
        Set<String> explained = new HashSet<>();
        entries.forEach(entry -> explained.add(entry.source().toString()));
        manual.entries().forEach(entry -> explained.add(entry.source().toString()));
        return new BlocklistSet(
                set.name(),
                SetName.parse(set.name()).map(SetName::node).orElse(""),
                entries,
                List.copyOf(set.blocklist().priorBlocks().values()),
                manual,
                set.netTexts().stream().filter(net -> !explained.contains(net)).toList());
    }

    /** The sources that should no longer be in the set. */
    public List<IpPrefix> overdue(Instant now) {
        List<IpPrefix> overdue = new ArrayList<>();
        entries.stream().filter(entry -> entry.isOver(now)).forEach(entry -> overdue.add(entry.source()));
        manual.entries().stream()
                .filter(entry -> !now.isBefore(entry.lastsUntil()))
                .forEach(entry -> overdue.add(entry.source()));
        return overdue;
    }
}
