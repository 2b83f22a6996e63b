package io.denywatch.policy;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The versions of Calico from one to another, both included.
 *
 * @param first the lowest
 * @param last the highest
 */
public record CalicoVersions(Release first, Release last) {
    /** In place of a patch number: the last of its minor version, whichever that will be. */
    static final int LAST_PATCH = Integer.MAX_VALUE;

    /** Any version. */
    public static final CalicoVersions ALL =
            new CalicoVersions(new Release(0, 0, 0), new Release(Integer.MAX_VALUE, 0, 0));

    /** Those that take the tier of a policy from its name, and do not read what the policy says. */
    static final CalicoVersions TIER_FROM_NAME =
            new CalicoVersions(new Release(3, 29, 0), new Release(3, 31, LAST_PATCH));

    /** Those that sort policies of one order by their names alone. */
    public static final CalicoVersions WITHOUT_SLASH = upTo(31, LAST_PATCH);

    /** Those that sort them with a slash after the name. */
    public static final CalicoVersions WITH_SLASH = new CalicoVersions(new Release(3, 32, 0), ALL.last);

    /** Those without tiers. */
    static final CalicoVersions WITHOUT_TIERS = upTo(28, LAST_PATCH);

    /** A release of the open-source product; builds of anything else have a suffix, and say nothing of what they hold. */
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

    /** The version that a cluster states, as in {@code v3.31.7}; any, where it states none or another kind of text. */
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

    /** All up to this one. */
    static CalicoVersions upTo(int minor, int patch) {
        return new CalicoVersions(ALL.first, new Release(3, minor, patch));
    }

    /** Whether some version is in both. */
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
