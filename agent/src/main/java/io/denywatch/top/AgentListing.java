package io.denywatch.top;

import io.denywatch.top.AgentPage.AgentSource;
import io.denywatch.top.AgentPage.Listing;
import java.util.List;

/**
 * The noisiest sources of one load balancer, as one agent lists them.
 *
 * <p>If the agent lists all of its sources, an unlisted source has sent nothing; otherwise at most as much as the last
 * listed one, because lists are ordered by upper bounds. This does not hold if the agent dropped sources to make room:
 * a dropped source may have sent more than a listed one.
 *
 * @param nlb the load balancer
 * @param listed by descending upper bound
 * @param unlistedAtMost packets in the window that a source may have sent without being listed, or
 *     {@link ClusterPage#UNKNOWN}
 */
record AgentListing(String nlb, List<AgentSource> listed, long unlistedAtMost) {
    /** More sources than any list has. */
    private static final long UNKNOWN_NUMBER = Long.MAX_VALUE;

    static AgentListing of(AgentPage page, String nlb) {
        Listing listing = page.sources().get(nlb);
        long known = page.sourcesAt(nlb);
        if (listing == null) {
            return new AgentListing(nlb, List.of(), known == 0 ? 0 : ClusterPage.UNKNOWN);
        }
        // A count taken at another time does not show whether the list is complete.
        boolean sameMoment = listing.takenAt().equals(page.takenAt());
        return new AgentListing(
                nlb, listing.sources(), unlistedAtMost(page, listing.sources(), sameMoment ? known : UNKNOWN_NUMBER));
    }

    private static long unlistedAtMost(AgentPage page, List<AgentSource> listed, long known) {
        if (known == 0 || (listed.size() >= known && !page.evicting())) {
            return 0;
        }
        return page.evicting() || listed.isEmpty()
                ? ClusterPage.UNKNOWN
                : listed.stream().mapToLong(AgentSource::atMost).min().orElse(ClusterPage.UNKNOWN);
    }

    boolean isBounded() {
        return unlistedAtMost != ClusterPage.UNKNOWN;
    }
}
