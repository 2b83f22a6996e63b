package io.denywatch.api;

/** The paths at which an agent serves its documents. */
public final class ApiPaths {
    /** {@link NlbsDocument}. */
    public static final String NLBS = "/api/v1/nlbs";

    /** {@link SourcesDocument}; its query names the load balancer: {@code ?nlb=}. */
    public static final String SOURCES = "/api/v1/sources";

    /** {@link BlocklistDocument}, or {@link SourceDocument} if the query names a source: {@code ?source=}. */
    public static final String BLOCKLIST = "/api/v1/blocklist";

    /** The blocklist of the whole cluster as text: one CIDR a line. */
    public static final String BLOCKLIST_TEXT = "/blocklist.txt";

    /** {@link FindingsDocument}. */
    public static final String FINDINGS = "/api/v1/findings";

    /** {@link SummaryDocument}: what the agent that decides for the whole cluster adds up. */
    public static final String SUMMARY = "/api/v1/summary";

    /** The query parameter of {@link #SOURCES}. */
    public static final String NLB = "nlb";

    /** The query parameter of {@link #BLOCKLIST}. */
    public static final String SOURCE = "source";

    private ApiPaths() {}
}
