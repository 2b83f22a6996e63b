package io.denywatch.doctor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The user, groups and capabilities of this process; proc(5), {@code /proc/self/status}.
 *
 * @param user the effective user id; -1 if unknown
 * @param groups all effective group ids
 * @param capabilities the effective ones, as bits
 */
record Identity(long user, List<Long> groups, long capabilities) {
    private static final long UNKNOWN = -1;
    private static final int EFFECTIVE = 2; // index: after the name and the real id
    private static final int CAP_SYSLOG = 34; // capabilities(7), linux/capability.h

    static Identity of(Node node) {
        long user = UNKNOWN;
        List<Long> groups = new ArrayList<>();
        long capabilities = 0;
        for (String line : node.text("/proc/self/status").lines().toList()) {
            String[] words = line.split("\\s+", -1);
            switch (words[0]) {
                case "Uid:" -> user = number(words, EFFECTIVE, 10);
                case "Gid:" -> groups.add(number(words, EFFECTIVE, 10));
                case "Groups:" ->
                    Arrays.stream(words)
                            .filter(word -> word.matches("\\d{1,10}"))
                            .map(Long::valueOf)
                            .filter(group -> !groups.contains(group))
                            .forEach(groups::add);
                case "CapEff:" -> capabilities = number(words, 1, 16);
                default -> {}
            }
        }
        return new Identity(user, List.copyOf(groups), capabilities);
    }

    private static long number(String[] words, int index, int radix) {
        try {
            return index < words.length ? Long.parseUnsignedLong(words[index], radix) : UNKNOWN;
        } catch (NumberFormatException _) {
            return UNKNOWN;
        }
    }

    boolean mayReadKernelLog() {
        return capabilities != UNKNOWN && (capabilities >>> CAP_SYSLOG & 1) == 1;
    }

    /** In words: {@code user 65534 of group adm (4)}. */
    String words(Node node) {
        if (user == UNKNOWN) {
            return "this process";
        }
        List<String> names = groups.stream().map(node::group).toList();
        return "user " + node.user(user)
                + (names.isEmpty() ? "" : " of group" + (names.size() > 1 ? "s " : " ") + String.join(", ", names));
    }
}
