package io.denywatch.feed;

import io.denywatch.blocklist.NeverBlock;
import io.denywatch.blocklist.StoreException;
import io.denywatch.blocklist.StoreException.Reason;
import io.denywatch.cluster.sets.FeedStatus;
import io.denywatch.cluster.sets.FeedStatus.Rejection;
import io.denywatch.cluster.sets.FeedStore;
import io.denywatch.cluster.sets.FeedStore.StoredFeed;
import io.denywatch.ip.IpPrefix;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import tools.jackson.core.JacksonException;

/**
 * One attempt to replace a feed by a new list. If the list is rejected, the stored one stays, without what has become
 * exempt since. Confined to one thread.
 */
final class FeedSync {
    private static final int SINGLE_BITS4 = 32;
    private static final int SINGLE_BITS6 = 128;

    private final FeedStore store;
    private final AcceptanceRules rules;
    private final NeverBlock exempt;
    private final Instant now;
    private final boolean dryRun;

    /**
     * The new list, or why there is none.
     *
     * @param nets merged, before exempt ranges are left out
     * @param problem why it may not be used; empty if it may
     */
    record Fetched(NetSet nets, String source, String sha256, Optional<String> problem) {
        static Fetched failed(String source, String problem) {
            return new Fetched(NetSet.union(List.of(), SINGLE_BITS4, SINGLE_BITS6), source, "", Optional.of(problem));
        }
    }

    /**
     * What was done, or would be.
     *
     * @param nets stored at the end
     * @param exempted nets of the list that are exempt as a whole or in part
     * @param added nets that were not stored before
     * @param removed nets that are no longer stored
     * @param steps the changed sets
     * @param rejection why the list was not used; empty if it was
     */
    record Outcome(
            int nets, long exempted, int added, int removed, List<ShardPlan.Step> steps, Optional<String> rejection) {
        Outcome {
            steps = List.copyOf(steps);
        }
    }

    FeedSync(FeedStore store, AcceptanceRules rules, NeverBlock exempt, Instant now, boolean dryRun) {
        this.store = store;
        this.rules = rules;
        this.exempt = exempt;
        this.now = now;
        this.dryRun = dryRun;
    }

    /** Reads and checks a list; its size is compared later. */
    static Fetched fetch(FeedInput source, Optional<String> jsonField, AcceptanceRules rules) {
        try {
            byte[] bytes = source.read();
            FeedList list = jsonField.isPresent() ? FeedReader.json(bytes, jsonField.get()) : FeedReader.text(bytes);
            return new Fetched(
                    NetSet.union(list.nets(), rules.widest4(), rules.widest6()),
                    source.name(),
                    sha256(bytes),
                    rules.rejection(list));
        } catch (FeedInput.UnreadableFeed e) {
            return Fetched.failed(source.name(), String.valueOf(e.getMessage()));
        } catch (JacksonException e) {
            return Fetched.failed(
                    source.name(), "the list is not JSON: " + e.getOriginalMessage() + "; check its source");
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    /** Replaces the feed; after a conflict, it is read and planned again. */
    Outcome run(String name, Fetched fetched) throws StoreException {
        for (int attempt = 1; ; attempt++) {
            try {
                return attempt(store.read(name), fetched);
            } catch (StoreException e) {
                if (e.reason() != Reason.CONFLICT || attempt == FeedLimits.ATTEMPTS_MAX) {
                    throw e;
                }
            }
        }
    }

    private Outcome attempt(StoredFeed before, Fetched fetched) throws StoreException {
        OptionalInt previous = before.status().synced().isPresent()
                ? OptionalInt.of(before.status().listed())
                : OptionalInt.empty();
        int listed = fetched.nets().nets().size();
        NetSet wanted = fetched.nets().minus(exempt);
        Optional<String> problem = fetched.problem()
                .or(() -> rules.rejection(listed, previous))
                .or(() -> rules.rejection(wanted.nets().size(), OptionalInt.empty())); // cutting makes more nets
        Set<IpPrefix> stored = new HashSet<>(before.nets());
        NetSet next = problem.isEmpty()
                ? wanted
                : NetSet.union(stored, SINGLE_BITS4, SINGLE_BITS6).minus(exempt);
        ShardPlan plan = ShardPlan.of(before.shards(), next, FeedStore.SHARD_NETS_MAX, FeedStore.SHARDS_MAX);
        FeedStatus status = problem.isEmpty()
                ? new FeedStatus(
                        Optional.of(now),
                        listed,
                        next.nets().size(),
                        fetched.source(),
                        fetched.sha256(),
                        Optional.empty())
                : before.status()
                        .rejected(new Rejection(now, problem.get()), next.nets().size());
        if (!dryRun) {
            write(before, plan, status);
        }
        int kept = (int) next.nets().stream().filter(stored::contains).count();
        long exempted = fetched.nets().nets().stream()
                .filter(net -> exempt.touching(net).isPresent())
                .count();
        return new Outcome(
                next.nets().size(), exempted, next.nets().size() - kept, stored.size() - kept, plan.steps(), problem);
    }

    /** Writes the shards, and last the status. */
    private void write(StoredFeed before, ShardPlan plan, FeedStatus status) throws StoreException {
        List<IpPrefix> first = before.shards().getOrDefault(0, List.of());
        for (ShardPlan.Step step : plan.steps()) {
            if (step.isDeletion()) {
                store.delete(before.name(), step.shard());
            } else {
                store.write(before.name(), step.shard(), step.nets(), Optional.empty());
            }
            first = step.shard() == 0 ? step.nets() : first;
        }
        store.write(before.name(), 0, first, Optional.of(status));
    }
}
