package io.denywatch.blocklist;

import io.denywatch.blocklist.Decision.RecentDecision;
import io.denywatch.ip.IpPrefix;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The latest decision of each kind on each source. Confined to the enforcer thread. Attackers control the rate of
 * refusals, so refusals have room of their own and evict only each other.
 */
final class RecentDecisions {
    /** Sources kept of each kind, at most: those decided on longest ago are forgotten. */
    static final int SOURCES_MAX = 500;

    private final Map<IpPrefix, RecentDecision> beginnings = new LinkedHashMap<>();
    private final Map<IpPrefix, RecentDecision> endings = new LinkedHashMap<>();
    private final Map<IpPrefix, RecentDecision> refusals = new LinkedHashMap<>();
    private List<RecentDecision> list = List.of();
    private boolean changed;

    void add(RecentDecision recent) {
        switch (recent.decision()) {
            case Decision.Blocked _ -> add(beginnings, recent);
            case Decision.Refused _ -> add(refusals, recent);
            case Decision.Expired _, Decision.Revoked _, Decision.Displaced _ -> add(endings, recent);
        }
    }

    private void add(Map<IpPrefix, RecentDecision> kind, RecentDecision recent) {
        IpPrefix source = recent.decision().source();
        kind.remove(source); // so that it becomes the last
        kind.put(source, recent);
        if (kind.size() > SOURCES_MAX) {
            kind.remove(kind.keySet().iterator().next());
        }
        changed = true;
    }

    /** All that are kept, the earliest first; the same list while nothing changes. */
    List<RecentDecision> list() {
        if (changed) {
            changed = false;
            List<RecentDecision> all = new ArrayList<>(beginnings.values());
            all.addAll(endings.values());
            all.addAll(refusals.values());
            all.sort(Comparator.comparing(RecentDecision::at));
            list = List.copyOf(all);
        }
        return list;
    }
}
