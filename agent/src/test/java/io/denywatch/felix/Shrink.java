package io.denywatch.felix;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Makes a failing set of objects small enough to be read: takes away whatever the failure does not need. */
public final class Shrink {
    private Shrink() {}

    /** The least that still fails, when one thing after the other is taken away. */
    public static Objects of(Objects objects, Predicate<Objects> fails) {
        Objects least = objects;
        boolean smaller = true;
        while (smaller) {
            smaller = false;
            for (int i = 0; i < size(least); i++) {
                Objects without = without(least, i);
                if (fails.test(without)) {
                    least = without;
                    smaller = true;
                    i--;
                }
            }
        }
        return least;
    }

    private static int size(Objects objects) {
        int[] size = new int[1];
        visit(objects.copy(), () -> size[0]++ < 0);
        return size[0];
    }

    /** A copy without its {@code nth} part. */
    private static Objects without(Objects objects, int nth) {
        Objects copy = objects.copy();
        int[] left = {nth};
        visit(copy, () -> left[0]-- == 0);
        return copy;
    }

    private interface Removal {
        boolean next();
    }

    private static void visit(Objects objects, Removal removal) {
        for (List<JsonNode> kind : objects.kinds()) {
            for (int i = 0; i < kind.size(); i++) {
                if (removal.next()) {
                    kind.remove(i);
                    return;
                }
            }
            kind.forEach(object -> visit(object, removal));
        }
    }

    private static void visit(JsonNode node, Removal removal) {
        for (String name : new ArrayList<>(node.propertyNames())) {
            if (!name.equals("metadata") && !name.equals("spec") && removal.next()) {
                ((ObjectNode) node).remove(name);
                return;
            }
            visit(node.get(name), removal);
        }
        if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) {
                if (removal.next()) {
                    array.remove(i);
                    return;
                }
            }
            array.forEach(element -> visit(element, removal));
        }
    }
}
