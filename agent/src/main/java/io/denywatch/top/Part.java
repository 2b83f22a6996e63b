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
record Part(String nlb, List<Source> listed, long unlistedAtMost) {
    static Part of(AgentPage page, String nlb) {
        Listing listing = page.sources().get(nlb);
        long known = page.sourcesAt(nlb);
        if (listing == null) {
            return new Part(nlb, List.of(), known == 0 && !page.evicting() ? 0 : ClusterPage.UNKNOWN);
        }
        List<Source> sources = listing.sources();
        // Numbers of another moment do not tell whether the list is whole.
        boolean whole = sources.size() >= known && listing.takenAt().equals(page.takenAt());
        long unlisted;
        if (page.evicting() || sources.isEmpty() && !whole) {
            unlisted = ClusterPage.UNKNOWN;
        } else {
            unlisted =
                    whole ? 0 : sources.stream().mapToLong(Source::atMost).min().orElse(0);
        }
        return new Part(nlb, sources, unlisted);
    }

    boolean isBounded() {
        return unlistedAtMost != ClusterPage.UNKNOWN;
    }
}
