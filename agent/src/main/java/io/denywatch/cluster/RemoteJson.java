package io.denywatch.cluster;

import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON that came over the network as one document: an object of the Kubernetes API, or a page of an agent, whose pod
 * may be hostile. Stateless.
 */
public final class RemoteJson {
    /**
     * Maximum length in bytes. An object is below 2 MiB in etcd; an agent's longest page, its blocklist, is below 4 MiB
     * at {@link io.denywatch.blocklist.BlocklistLimits#ENTRIES_MAX}.
     */
    public static final int BYTES_MAX = 8 << 20;

    /**
     * Maximum number of tokens, each of which may become an object of about 50 bytes in memory. An agent's longest page
     * has fewer than half of this number.
     */
    private static final int TOKENS_MAX = 1_000_000;

    private static final JsonMapper JSON = new JsonMapper(JsonFactory.builder()
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxTokenCount(TOKENS_MAX).build())
            .build());

    private RemoteJson() {}

    /**
     * Reads a document.
     *
     * @throws JacksonException if it is not JSON or is above a limit
     */
    public static JsonNode read(byte[] document) {
        return JSON.readTree(document);
    }
}
