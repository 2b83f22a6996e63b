package io.denywatch.top;

import io.denywatch.top.AgentPage.Listing;
import io.denywatch.top.AgentPage.Source;
import java.util.List;

/**
 * What one agent says of the sources of one load balancer: the noisiest only.
 *
 * <p>A source that it does not list has sent nothing where all of its sources are listed, else no more than the last one
 * listed may have sent: lists are ordered by upper bounds. Where it had to forget sources to make room this does not hold,
 * for one that was forgotten may have sent more than one that is listed.
 *
 * @param nlb the load balancer
 * @param listed by descending upper bound
 * @param unlistedAtMost packets in the window that a source may have sent without being listed, or
 *     {@link ClusterPage#UNKNOWN}
 */
record AgentListing(String nlb, List<Source> listed, long unlistedAtMost) {
    /** More sources than any list has. */
    private static final long UNTOLD = Long.MAX_VALUE;

    static AgentListing of(AgentPage page, String nlb) {
        Listing listing = page.sources().get(nlb);
        long known = page.sourcesAt(nlb);
        if (listing == null) {
            return new AgentListing(nlb, List.of(), known == 0 ? 0 : ClusterPage.UNKNOWN);
        }
        // Numbers of another moment do not tell whether the list is whole.
        boolean sameMoment = listing.takenAt().equals(page.takenAt());
        return new AgentListing(
                nlb, listing.sources(), unlistedAtMost(page, listing.sources(), sameMoment ? known : UNTOLD));
    }

    private static long unlistedAtMost(AgentPage page, List<Source> listed, long known) {
        if (known == 0 || (listed.size() >= known && !page.evicting())) {
            return 0;
        }
        return page.evicting() || listed.isEmpty()
                ? ClusterPage.UNKNOWN
                : listed.stream().mapToLong(Source::atMost).min().orElse(ClusterPage.UNKNOWN);
    }

    boolean isBounded() {
        return unlistedAtMost != ClusterPage.UNKNOWN;
    }
}
