package io.denywatch.policy.verdict;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Assigns numbers to conditions and knows which imply others. A literal is an even number for a condition that holds,
 * or the odd number after it for one that fails. Confined to one thread.
 */
final class Conditions {
    /** Most implications kept; others are proven each time. */
    private static final int IMPLICATIONS_MAX = 20_000;

    private final Steps steps;
    private final Map<Condition, Integer> literals = new HashMap<>();
    private final List<Condition> conditions = new ArrayList<>();
    private final Map<Long, Boolean> implications = new HashMap<>();

    Conditions(Steps steps) {
        this.steps = steps;
    }

    Steps steps() {
        return steps;
    }

    /** The condition holds. */
    int holding(Condition condition) {
        Integer known = literals.get(condition);
        if (known != null) {
            return known;
        }
        int literal = 2 * conditions.size();
        conditions.add(condition);
        literals.put(condition, literal);
        return literal;
    }

    /** The condition fails. */
    int failing(Condition condition) {
        return opposite(holding(condition));
    }

    static int opposite(int literal) {
        return literal ^ 1;
    }

    static boolean holds(int literal) {
        return (literal & 1) == 0;
    }

    Condition condition(int literal) {
        return conditions.get(literal / 2);
    }

    /** Whether two literals cannot be true together: one condition holds and implies the other, which fails. */
    boolean contradict(int literal, int other) {
        if (holds(literal) == holds(other)) {
            return false;
        }
        steps.take(1);
        int held = holds(literal) ? literal : other;
        int failed = holds(literal) ? other : literal;
        if (!(condition(held) instanceof Condition.Selected in)
                || !(condition(failed) instanceof Condition.Selected out)
                || in.side() != out.side()) {
            return false;
        }
        long key = (long) held << 32 | failed;
        Boolean known = implications.get(key);
        if (known == null) {
            steps.take(20);
            known = in.selector().implies(out.selector());
            if (implications.size() < IMPLICATIONS_MAX) {
                implications.put(key, known);
            }
        }
        return known;
    }
}
