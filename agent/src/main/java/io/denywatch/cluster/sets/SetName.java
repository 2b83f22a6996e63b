package io.denywatch.cluster.sets;

import io.denywatch.blocklist.BlocklistLimits;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of a node's set: {@code denywatch-<shard>-<node>}. The shard is a number, so each name
 * stands for exactly one shard of one node.
 *
 * @param shard from 0
 * @param node by name
 */
record SetName(int shard, String node) {
    /**
     * Maximum number of nets in one set. They take 46,000 bytes of a request, and less than 256 KiB of annotations in
     * all versions of Calico.
     */
    static final int NETS_MAX = 2_000;

    /** Maximum number of sets of one node. */
    static final int SHARDS_MAX = Math.ceilDiv(BlocklistLimits.ENTRIES_MAX, NETS_MAX);

    /** The set of manual entries, which belongs to no node. */
    static final String MANUAL = "denywatch-manual";

    private static final int OBJECT_NAME_CHARS_MAX = 253;
    private static final int LABEL_CHARS_MAX = 63;
    private static final int DIGEST_BYTES = 8;
    private static final Pattern FORM = Pattern.compile("denywatch-(0|[1-9][0-9]{0,3})-(.+)");
    private static final Pattern NODE_NAME =
            Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*");

    /** Parses the name of a node's set. */
    static Optional<SetName> parse(String name) {
        Matcher form = FORM.matcher(name);
        return form.matches()
                ? Optional.of(new SetName(Integer.parseInt(form.group(1)), form.group(2)))
                : Optional.empty();
    }

    /**
     * Checks that sets can be named after a node.
     *
     * @throws IllegalArgumentException if they can't; the message names the node and what is allowed
     */
    static void checkNode(String node) {
        int charsMax = OBJECT_NAME_CHARS_MAX
                - new SetName(SHARDS_MAX - 1, "").toString().length();
        if (node.length() > charsMax || !NODE_NAME.matcher(node).matches()) {
            throw new IllegalArgumentException("node name \"" + node + "\" is not allowed; allowed: a DNS name of 1 to "
                    + charsMax + " characters, so that sets can be named after it");
        }
    }

    /** The node as the value of a label: its name, or the start of a long name and a digest of it. */
    String nodeLabel() {
        if (node.length() <= LABEL_CHARS_MAX) {
            return node;
        }
        String digest = HexFormat.of().formatHex(sha256(node), 0, DIGEST_BYTES);
        return node.substring(0, LABEL_CHARS_MAX - 1 - digest.length()) + "-" + digest;
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }

    /** The object's name. */
    @Override
    public String toString() {
        return "denywatch-" + shard + "-" + node;
    }
}
