package io.denywatch.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** The version of denywatch. */
public final class Version implements IVersionProvider {
    private static final String MAVEN_PROPERTIES = "/META-INF/maven/io.denywatch/denywatch-agent/pom.properties";
    private static final String UNKNOWN = "unknown";

    /** The version as Maven wrote it into the jar; {@code unknown} when run from bare classes. */
    public static String number() {
        try (InputStream in = Version.class.getResourceAsStream(MAVEN_PROPERTIES)) {
            if (in == null) {
                return UNKNOWN;
            }
            Properties properties = new Properties();
            properties.load(in);
            return properties.getProperty("version", UNKNOWN);
        } catch (IOException e) {
            throw new UncheckedIOException("the jar that this runs from cannot be read", e);
        }
    }

    /** The source revision that the launcher names. */
    public static String revision() {
        return System.getProperty("denywatch.revision", UNKNOWN);
    }

    @Override
    public String[] getVersion() {
        return new String[] {
            "denywatch " + number() + " (" + revision() + ", Java "
                    + Runtime.version().feature() + ")"
        };
    }
}
