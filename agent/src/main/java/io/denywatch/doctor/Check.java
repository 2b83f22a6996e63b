package io.denywatch.doctor;

import java.util.List;

/** A question about a node or a cluster. */
@FunctionalInterface
public interface Check {
    /** The answer; empty where the question does not arise. */
    List<Finding> findings();
}
