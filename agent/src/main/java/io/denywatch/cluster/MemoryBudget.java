package io.denywatch.cluster;

import tools.jackson.databind.JsonNode;

/**
 * Limits how much of one read may be kept in memory. Any user with access to a namespace can create any number of
 * objects, and the agent on each node reads them all. Sizes of objects are estimates that err on the high side.
 * Confined to one thread.
 */
public final class MemoryBudget {
    /** The share of the heap that one read may take, as a divisor. */
    public static final int HEAP_SHARE = 4;

    /** What one value of an object takes besides its text: an address, a port, a name, a list. */
    public static final int BYTES_PER_VALUE = 64;

    /** What an object within an object takes, such as a rule: it has many fields in memory, however few it states. */
    private static final int BYTES_PER_OBJECT = 256;

    private static final int MEBIBYTE = 1 << 20;

    private final String what;
    private final long bytesMax;
    private long bytes;

    /**
     * A budget of which nothing is used.
     *
     * @param what is read, in messages, as in {@code services}
     * @param bytesMax the limit
     */
    public MemoryBudget(String what, long bytesMax) {
        this.what = what;
        this.bytesMax = bytesMax;
    }

    /** A quarter of this process's heap. */
    public static MemoryBudget ofHeap(String what) {
        return new MemoryBudget(what, Runtime.getRuntime().maxMemory() / HEAP_SHARE);
    }

    /** Adds a size if the total stays within the limit; returns whether it does. */
    boolean tries(long size) {
        boolean fits = bytes + size <= bytesMax;
        bytes += fits ? size : 0;
        return fits;
    }

    /**
     * Takes the size of an object that is kept.
     *
     * @throws ClusterException {@link ClusterException#TOO_LARGE} if all objects together are above the limit
     */
    public void take(long size) throws ClusterException {
        if (!tries(size)) {
            throw new ClusterException(
                    ClusterException.TOO_LARGE,
                    what + " are too large: they take more than " + Math.ceilDiv(bytesMax, MEBIBYTE)
                            + " MiB, the limit for this process; delete some, or give it more memory");
        }
    }

    /**
     * The most that an object can take in memory after it is reduced to what is used: its labels, and everything
     * outside its metadata.
     */
    public static long sizeOf(JsonNode object) {
        long size = BYTES_PER_VALUE;
        for (var member : object.properties()) {
            boolean isMetadata = member.getKey().equals("metadata");
            size += sizeOfAll(isMetadata ? member.getValue().path("labels") : member.getValue());
        }
        return size;
    }

    /** What a whole object takes. */
    public static long sizeOfAll(JsonNode value) {
        long size = value.isObject() ? BYTES_PER_OBJECT : BYTES_PER_VALUE;
        size += value.isString() ? value.asString().length() : 0;
        for (JsonNode element : value) {
            size += sizeOfAll(element);
        }
        return size;
    }
}
