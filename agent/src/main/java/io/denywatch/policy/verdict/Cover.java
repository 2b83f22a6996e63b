package io.denywatch.policy.verdict;

import io.denywatch.policy.Intervals;
import io.denywatch.policy.verdict.PacketBox.Dimension;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether boxes cover a box, by searching for a piece outside all of them. A piece that can leave a box in
 * only one way takes that way. Otherwise the search branches at the box with the fewest ways out. If a branch is
 * covered, a larger box around it usually is, too; it is derived from the boxes that the search depended on. If this
 * larger box contains the whole branching point, the other branches need not be searched (geometric resolution; Abo
 * Khamis, Ngo, Ré and Rudra, "Joins via Geometric Resolutions", 2015). Confined to the call of {@link #leftOf}.
 */
final class Cover {
    /** Most literals and intervals that a search keeps at a time: some megabytes. */
    private static final int KEPT_MAX = 100_000;

    private static final Dimension[] DIMENSIONS = Dimension.values();

    private final SelectorKnowledge facts;
    private final Deque<Branch> branches = new ArrayDeque<>();
    private int kept;
    private @Nullable PacketBox found;

    private Cover(SelectorKnowledge facts) {
        this.facts = facts;
    }

    /** Packets of the box that are in no other box; null if there are none. */
    static @Nullable PacketBox leftOf(PacketBox box, List<PacketBox> others, SelectorKnowledge facts) {
        return new Cover(facts).search(box, others);
    }

    /**
     * The difference of two boxes.
     *
     * @param box the first box
     * @param pieces the remaining packets as disjoint pieces
     * @param inside the intersection; empty if there are no such packets
     * @param proof collects the reasons why all of the box is covered
     */
    record Split(PacketBox box, List<PacketBox> pieces, PacketBox inside, CoverProof proof) {
        /** Whether the boxes have no packet in common. */
        boolean isApart() {
            return inside.isEmpty();
        }
    }

    static Split split(PacketBox box, PacketBox other, SelectorKnowledge facts) {
        facts.steps().take(box.steps(other));
        List<PacketBox> pieces = new ArrayList<>();
        CoverProof proof = new CoverProof(box, other);
        PacketBox inside = box;
        for (Dimension dimension : DIMENSIONS) {
            Intervals extent = inside.extent(dimension);
            if (!other.extent(dimension).covers(extent)) {
                pieces.add(inside.with(dimension, extent.minus(other.extent(dimension))));
                inside = inside.with(dimension, extent.and(other.extent(dimension)));
            }
        }
        for (int literal : other.literals()) {
            if (inside.isEmpty() || inside.has(literal)) {
                continue;
            }
            int opposite = Conditions.opposite(literal);
            PacketBox piece = facts.with(inside, opposite);
            if (piece.isEmpty()) {
                proof.covers(inside, facts.whyNot(inside, opposite));
            } else {
                pieces.add(piece);
            }
            inside = facts.with(inside, literal);
        }
        return new Split(box, pieces, inside, proof);
    }

    /** Combines the covered boxes around all pieces of a box into one covered box around that box. */
    private static final class CoverProof {
        private final PacketBox box;
        private final Intervals[] extents = new Intervals[DIMENSIONS.length];
        private final boolean[] split = new boolean[DIMENSIONS.length];
        private PacketBox literals;

        CoverProof(PacketBox box, PacketBox cut) {
            this.box = box;
            literals = box.withOnly(new int[0]);
            for (Dimension dimension : DIMENSIONS) {
                extents[dimension.ordinal()] = cut.extent(dimension);
            }
            addLiterals(cut);
        }

        /** Adds a piece that is covered, together with a box around it. */
        void covers(PacketBox piece, PacketBox around) {
            for (Dimension dimension : DIMENSIONS) {
                int i = dimension.ordinal();
                split[i] |= !piece.extent(dimension).equals(box.extent(dimension));
                if (!split[i]) {
                    extents[i] = extents[i].and(around.extent(dimension));
                }
            }
            addLiterals(around);
        }

        /** Adds only literals of the box; for all others, both cases are covered. */
        private void addLiterals(PacketBox around) {
            for (int literal : around.literals()) {
                literals = box.has(literal) ? literals.with(literal) : literals;
            }
        }

        PacketBox around() {
            PacketBox around = literals;
            for (Dimension dimension : DIMENSIONS) {
                int i = dimension.ordinal();
                around = around.with(dimension, split[i] ? box.extent(dimension) : extents[i]);
            }
            return around;
        }
    }

    /** A split box, and the progress of the search in its pieces. */
    private static final class Branch {
        private final List<Split> sent; // splits into a single piece each, from its entry to its own split
        private final Split split;
        private final List<PacketBox> others;
        private final int kept;
        private int next;

        Branch(List<Split> sent, Split split, List<PacketBox> others, int kept) {
            this.sent = sent;
            this.split = split;
            this.others = others;
            this.kept = kept;
        }
    }

    private @Nullable PacketBox search(PacketBox start, List<PacketBox> all) {
        PacketBox box = start;
        List<PacketBox> others = all;
        while (true) {
            PacketBox around = enter(box, others);
            if (found != null) {
                return found;
            }
            if (around != null && !leave(around)) {
                return null;
            }
            Branch branch = branches.getFirst();
            box = branch.split.pieces.get(branch.next++);
            others = branch.others;
        }
    }

    /**
     * Moves the box while it has only one way out, until it is outside all others ({@link #found}) or branches.
     *
     * @return a covered box around it; null if it is not covered or branches
     */
    private @Nullable PacketBox enter(PacketBox entered, List<PacketBox> others) {
        List<Split> sent = new ArrayList<>();
        List<PacketBox> left = others;
        PacketBox box = entered;
        int before = kept;
        while (true) {
            List<PacketBox> open = new ArrayList<>();
            PacketBox narrow = null;
            int fewest = Integer.MAX_VALUE;
            boolean moved = false;
            for (PacketBox other : left) {
                facts.steps().take(box.steps(other));
                int ways = box.outside(other);
                if (ways == 0) {
                    return back(sent, other);
                }
                if (ways == 1) {
                    Split split = split(box, other, facts);
                    if (split.pieces.isEmpty()) {
                        return back(sent, split.proof.around());
                    }
                    box = send(split, sent);
                    moved = true;
                } else if (ways != PacketBox.DISJOINT) {
                    open.add(other);
                    narrow = ways < fewest ? other : narrow;
                    fewest = Math.min(fewest, ways);
                }
            }
            left = open;
            if (narrow == null) {
                found = box;
                return null;
            }
            if (moved) {
                continue;
            }
            Split split = split(box, narrow, facts);
            left.remove(narrow);
            if (split.isApart()) {
                continue;
            }
            if (split.pieces.isEmpty()) {
                return back(sent, split.proof.around());
            }
            if (split.pieces.size() == 1) {
                box = send(split, sent);
                continue;
            }
            keep(split, left.size());
            branches.addFirst(new Branch(sent, split, left, before));
            return null;
        }
    }

    private PacketBox send(Split split, List<Split> sent) {
        if (split.isApart()) {
            return split.box;
        }
        if (!branches.isEmpty()) { // otherwise the reason is not needed
            sent.add(split);
            keep(split, 0);
        }
        return split.pieces.getFirst();
    }

    private void keep(Split split, int others) {
        kept += others;
        for (PacketBox piece : split.pieces) {
            kept += piece.size();
        }
        if (kept > KEPT_MAX) {
            throw new Steps.Exhausted("a search in more than " + KEPT_MAX + " parts");
        }
    }

    /** Follows a branch from its end back to its entry. */
    private static PacketBox back(List<Split> sent, PacketBox end) {
        PacketBox around = end;
        for (Split split : sent.reversed()) {
            if (split.box.outside(around) != 0) {
                split.proof.covers(split.pieces.getFirst(), around);
                around = split.proof.around();
            }
        }
        return around;
    }

    /** Records that the latest piece is covered, and returns to a branch with another piece; false if there is none. */
    private boolean leave(PacketBox covered) {
        PacketBox around = covered;
        while (!branches.isEmpty()) {
            Branch branch = branches.getFirst();
            Split split = branch.split;
            if (split.box.outside(around) != 0) {
                split.proof.covers(split.pieces.get(branch.next - 1), around);
                if (branch.next < split.pieces.size()) {
                    return true;
                }
                around = split.proof.around();
            }
            branches.removeFirst();
            kept = branch.kept;
            around = back(branch.sent, around);
        }
        return false;
    }
}
