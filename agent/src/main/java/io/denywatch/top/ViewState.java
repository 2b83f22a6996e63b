package io.denywatch.top;

import java.util.List;

/**
 * The user's choices of what to show.
 *
 * @param sort the order of the load balancers
 * @param nlb the only load balancer to show; empty for all
 * @param cursor index of the load balancer that Enter chooses; negative for none
 * @param help whether the help is shown instead
 * @param rowsMax maximum number of rows of each table, at least 1
 */
public record ViewState(SortBy sort, String nlb, int cursor, boolean help, int rowsMax) {
    /** All load balancers, or one. */
    public static ViewState of(SortBy sort, String nlb, int rowsMax) {
        return new ViewState(sort, nlb, -1, false, rowsMax);
    }

    /** The state after a key was pressed; {@link KeyPress#QUIT} is handled elsewhere. */
    public ViewState press(KeyPress key, Frame shown) {
        List<ClusterPage.MergedLoadBalancer> nlbs = shown.nlbs(this);
        int last = Math.min(nlbs.size(), rowsMax) - 1;
        return switch (key) {
            case KeyPress.Digit(int number) ->
                number - 1 <= last ? at(nlbs.get(number - 1).nlb(), number - 1) : this;
            case KeyPress.NamedKey named ->
                switch (named) {
                    case QUIT -> this;
                    case HELP -> new ViewState(sort, nlb, cursor, !help, rowsMax);
                    case BACK -> new ViewState(sort, "", cursor, false, rowsMax);
                    case NEXT_SORT -> new ViewState(sort.moved(1), nlb, cursor, help, rowsMax);
                    case PREVIOUS_SORT -> new ViewState(sort.moved(-1), nlb, cursor, help, rowsMax);
                    case UP -> new ViewState(sort, nlb, Math.max(0, cursor - 1), help, rowsMax);
                    case DOWN -> new ViewState(sort, nlb, Math.min(last, cursor + 1), help, rowsMax);
                    case ENTER -> {
                        if (help || !nlb.isEmpty()) {
                            yield new ViewState(sort, "", cursor, false, rowsMax);
                        }
                        yield cursor >= 0 && cursor <= last
                                ? at(nlbs.get(cursor).nlb(), cursor)
                                : this;
                    }
                };
        };
    }

    private ViewState at(String chosen, int place) {
        return new ViewState(sort, chosen, place, false, rowsMax);
    }
}
