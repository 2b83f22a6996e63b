package io.denywatch.policy;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A range of versions of Calico, including both ends.
 *
 * @param first the lowest
 * @param last the highest
 */
public record CalicoVersions(Release first, Release last) {
    /** Stands for the last patch of a minor version, which may not be released yet. */
    static final int LAST_PATCH = Integer.MAX_VALUE;

    /** Any version. */
    public static final CalicoVersions ALL =
            new CalicoVersions(new Release(0, 0, 0), new Release(Integer.MAX_VALUE, 0, 0));

    /** Versions that take a policy's tier from its name and ignore the tier that it states. */
    static final CalicoVersions TIER_FROM_NAME =
            new CalicoVersions(new Release(3, 29, 0), new Release(3, 31, LAST_PATCH));

    /** Versions that sort policies of equal order by name alone. */
    public static final CalicoVersions WITHOUT_SLASH = upTo(31, LAST_PATCH);

    /** Versions that sort policies of equal order by name and a slash. */
    public static final CalicoVersions WITH_SLASH = new CalicoVersions(new Release(3, 32, 0), ALL.last);

    /** Versions without tiers. */
    static final CalicoVersions WITHOUT_TIERS = upTo(28, LAST_PATCH);

    /** A release of the open-source product. Other builds have a suffix, and their content is unknown. */
    private static final Pattern RELEASE = Pattern.compile("v?(\\d{1,4})\\.(\\d{1,4})\\.(\\d{1,4})");

    /** Checks the order. */
    public CalicoVersions {
        if (first.compareTo(last) > 0) {
            throw new IllegalArgumentException("versions from " + first + " to " + last);
        }
    }

    /**
     * One version.
     *
     * @param major its first number
     * @param minor its second number
     * @param patch its third number
     */
    public record Release(int major, int minor, int patch) implements Comparable<Release> {
        private static final Comparator<Release> ORDER = Comparator.comparingInt(Release::major)
                .thenComparingInt(Release::minor)
                .thenComparingInt(Release::patch);

        @Override
        public int compareTo(Release other) {
            return ORDER.compare(this, other);
        }

        @Override
        public String toString() {
            return major + "." + minor + (patch == LAST_PATCH ? ".x" : "." + patch);
        }
    }

    /** The version that a cluster states, such as {@code v3.31.7}; all versions if it states none or another text. */
    public static CalicoVersions of(String stated) {
        Matcher release = RELEASE.matcher(stated);
        if (!release.matches()) {
            return ALL;
        }
        Release only = new Release(
                Integer.parseInt(release.group(1)),
                Integer.parseInt(release.group(2)),
                Integer.parseInt(release.group(3)));
        return new CalicoVersions(only, only);
    }

    /** All versions up to this one. */
    static CalicoVersions upTo(int minor, int patch) {
        return new CalicoVersions(ALL.first, new Release(3, minor, patch));
    }

    /** Whether a version is in both ranges. */
    public boolean meets(CalicoVersions other) {
        return first.compareTo(other.last) <= 0 && other.first.compareTo(last) <= 0;
    }

    /** As in {@code 3.29.0 to 3.31.7}, or {@code all}. */
    @Override
    public String toString() {
        boolean open = last.equals(ALL.last);
        if (first.equals(ALL.first)) {
            return open ? "all" : "up to " + last;
        }
        return open ? first + " and later" : first.equals(last) ? first.toString() : first + " to " + last;
    }
}
