package io.denywatch.exposition;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScrapeFormatTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                // Prometheus 2.42, Prometheus 3 with and without protobuf
                "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,"
                        + "text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
                "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                        + "application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=1.0.0;"
                        + "escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited;q=0.6,"
                        + "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.5,"
                        + "text/plain;version=0.0.4;q=0.2,*/*;q=0.1",
                "application/openmetrics-text",
                "APPLICATION/OpenMetrics-Text ; Version=1.0.0 ; Q=0.001",
                "text/html, application/openmetrics-text",
            })
    void givesOpenMetricsToThoseWhoRankItFirst(String accept) {
        assertEquals(ScrapeFormat.OPENMETRICS, ScrapeFormat.accepted(accept), accept);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "*/*",
                "text/plain",
                "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "text/plain;q=0.9,application/openmetrics-text;q=0.8",
                "application/openmetrics-text;q=0",
                "application/openmetrics-text;q=0.000,*/*;q=0",
                "application/openmetrics-text;version=2.0.0",
                "application/openmetrics-text;version=0.0.1",
                "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited",
                "application/json",
                ",;,;;q=,q=1;/",
                "application/openmetrics-text;q=NaN",
                "application/openmetrics-text;q=1e9",
                "application/openmetrics-text;q=-1",
                "application/openmetrics-text-x",
                "\u0000\uffff",
            })
    void givesPlainTextToEveryoneElse(String accept) {
        assertEquals(ScrapeFormat.TEXT, ScrapeFormat.accepted(accept), accept);
    }
}
