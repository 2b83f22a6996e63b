package io.denywatch.doctor;

import io.denywatch.cluster.survey.FelixSettings;
import java.util.ArrayList;
import java.util.List;

/** Whether the lines that Calico is set to write are those that are counted. */
final class LogSettings {
    /** What stands behind the prefix in each line. */
    private static final String SEPARATOR = ": ";

    /** Characters of the prefix that iptables keeps, the separator included. */
    private static final int IPTABLES_CHARACTERS_MAX = 29;

    private LogSettings() {}

    static List<Finding> findings(FelixSettings dataPlane, List<String> prefixes) {
        if (dataPlane.bpf()) {
            return List.of(FindingKind.EBPF_DATA_PLANE.found("bpfEnabled of FelixConfiguration is true"));
        }
        List<Finding> findings = new ArrayList<>();
        String said = "logPrefix of FelixConfiguration is \"" + dataPlane.logPrefix() + "\"";
        boolean fixed = dataPlane.literalPrefix().equals(dataPlane.logPrefix());
        String literal = dataPlane.literalPrefix() + (fixed ? SEPARATOR : "");
        boolean cut = dataPlane.isIptables() && literal.length() > IPTABLES_CHARACTERS_MAX;
        String begins = cut ? literal.substring(0, IPTABLES_CHARACTERS_MAX) : literal;
        boolean open = !fixed && !cut; // what a specifier becomes is not known here
        if (prefixes.stream().noneMatch(prefix -> begins.startsWith(prefix) || (open && prefix.startsWith(begins)))) {
            findings.add(FindingKind.LOG_PREFIX_NOT_COUNTED.found(said + ", packets.prefixes is " + prefixes
                    + (cut ? "; iptables cuts it to \"" + begins + "\"" : "")));
        }
        if (cut) {
            findings.add(FindingKind.PREFIX_CUT.found(
                    said + ": " + (literal.length() - IPTABLES_CHARACTERS_MAX) + " characters too many"));
        }
        if (!dataPlane.logRateLimit().isEmpty()) {
            findings.add(FindingKind.LOG_RATE_LIMITED.found(
                    "logActionRateLimit of FelixConfiguration is " + dataPlane.logRateLimit()));
        }
        return findings;
    }
}
