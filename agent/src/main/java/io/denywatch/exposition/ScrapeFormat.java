package io.denywatch.exposition;

import java.util.Locale;

/**
 * A text format of {@code /metrics}. Protobuf is not offered: Prometheus asks for it only to read native histograms,
 * of which there are none here.
 */
enum ScrapeFormat {
    /** Prometheus text. */
    TEXT("text/plain; version=0.0.4; charset=utf-8"),
    /** OpenMetrics. */
    OPENMETRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

    private final String contentType;

    ScrapeFormat(String contentType) {
        this.contentType = contentType;
    }

    String contentType() {
        return contentType;
    }

    /**
     * Reads an {@code Accept} header (RFC 9110, section 12.5.1). OpenMetrics is used if the client names it and ranks
     * it no lower than plain text. All other clients get plain text, even if they accept neither: a readable response
     * is more useful than a 406.
     *
     * @param accept the header's value; empty if there is none
     */
    static ScrapeFormat accepted(String accept) {
        double openMetrics = 0;
        double text = 0;
        for (String range : accept.toLowerCase(Locale.ROOT).split(",", -1)) {
            String[] parts = range.split(";", -1);
            double quality = quality(parts);
            switch (parts[0].strip()) {
                case "application/openmetrics-text" -> {
                    if (isServedVersion(parts)) {
                        openMetrics = Math.max(openMetrics, quality);
                    }
                }
                case "text/plain", "text/*", "*/*" -> text = Math.max(text, quality);
                default -> {} // a type that is not served
            }
        }
        return openMetrics > 0 && openMetrics >= text ? OPENMETRICS : TEXT;
    }

    /** The range's weight from 0 to 1; anything that is not a weight counts as 0. */
    private static double quality(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip();
            if (parameter.startsWith("q=")) {
                // RFC 9110, section 12.4.2: at most three digits after the point.
                String weight = parameter.substring(2);
                return weight.matches("0(\\.[0-9]{0,3})?|1(\\.0{0,3})?") ? Double.parseDouble(weight) : 0;
            }
        }
        return 1;
    }

    private static boolean isServedVersion(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip();
            if (parameter.startsWith("version=")) {
                return parameter.equals("version=1.0.0");
            }
        }
        return true;
    }
}
