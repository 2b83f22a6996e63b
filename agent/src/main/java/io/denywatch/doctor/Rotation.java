package io.denywatch.doctor;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * How logrotate treats one log; logrotate(8).
 *
 * @param configuration the file that configures it
 * @param directives the arguments by directive; empty for a directive without argument
 */
record Rotation(Path configuration, Map<String, String> directives) {
    private static final Path MAIN = Path.of("/etc/logrotate.conf");
    private static final Path DIRECTORY = Path.of("/etc/logrotate.d");
    private static final int INCLUDE_DEPTH_MAX = 4;
    private static final int FILES_MAX = 1_000;
    private static final Set<String> SCRIPTS =
            Set.of("prerotate", "postrotate", "firstaction", "lastaction", "preremove");
    private static final Set<String> LOOKED_FOR = Set.of("copytruncate", "compress", "compresscmd", "olddir", "rotate");
    /** Programs that write what gzip reads. */
    private static final Pattern GZIP = Pattern.compile("(.*/)?(gzip|pigz)");

    /** Files that editors and package managers leave, and that logrotate does not read. */
    private static final Pattern TABOO = Pattern.compile(
            ".*(~|,v|\\.(bak|disabled|swp|cfsaved|orig|old|new" + "|dpkg-[a-z]+|rpm[a-z]+|ucf-[a-z]+))|\\..*");

    /** Copies the directives. */
    Rotation {
        directives = Map.copyOf(directives);
    }

    /** Whether the log is rotated in a way that can be followed. */
    static List<Finding> findings(Node node, Path log) {
        Path target = target(node, log);
        Rotation rotation = of(node, log).or(() -> of(node, target)).orElse(null);
        if (rotation != null) {
            return rotation.findings(log, target);
        }
        boolean configured = !node.text(MAIN).isEmpty() || !node.list(DIRECTORY).isEmpty();
        return configured
                ? List.of(FindingKind.ROTATION_UNKNOWN.found(log + ": logrotate's configuration does not name it"))
                : List.of();
    }

    /** The target of the log's link; the log itself if the link cannot be read. */
    private static Path target(Node node, Path log) {
        try {
            return node.target(log);
        } catch (IOException _) {
            return log;
        }
    }

    private List<Finding> findings(Path log, Path target) {
        String what = configuration + ", for " + log + ": ";
        List<Finding> findings = new ArrayList<>();
        if (directives.containsKey("copytruncate")) {
            findings.add(FindingKind.ROTATION_COPYTRUNCATE.found(what + "copytruncate"));
        }
        String olddir = directives.get("olddir");
        if (olddir != null && !isNear(target, olddir)) {
            findings.add(FindingKind.ROTATION_OLDDIR.found(what + "olddir " + olddir));
        }
        if ("0".equals(directives.get("rotate"))) {
            findings.add(FindingKind.ROTATION_KEEPS_NOTHING.found(what + "rotate 0"));
        }
        boolean compresses = directives.containsKey("compress");
        String command = directives.getOrDefault("compresscmd", "");
        if (compresses && !command.isEmpty() && !GZIP.matcher(command).matches()) {
            findings.add(FindingKind.ROTATION_COMPRESSION.found(what + "compresscmd " + command));
        }
        return findings.isEmpty()
                ? List.of(FindingKind.ROTATION.found(
                        what + "renamed" + (compresses ? " and compressed with gzip" : ", not compressed")))
                : findings;
    }

    /** Whether a directory is that of the log file, or lies directly in it. */
    private static boolean isNear(Path target, String olddir) {
        try {
            Path parent = target.getParent();
            if (parent == null) {
                return false;
            }
            Path directory =
                    parent.resolve(olddir).normalize(); // logrotate resolves it against the log's own directory
            return directory.equals(parent) || parent.equals(directory.getParent());
        } catch (InvalidPathException _) {
            return false;
        }
    }

    /** The configuration of a log; empty if there is none. */
    private static Optional<Rotation> of(Node node, Path log) {
        Reader reader = new Reader(node, log);
        if (node.text(MAIN).isEmpty()) {
            reader.include(DIRECTORY, 0);
        } else {
            reader.read(MAIN, 0);
        }
        return Optional.ofNullable(reader.found.isEmpty() ? null : reader.found.getFirst());
    }

    /** Reads configurations leniently: skips what it does not understand. Confined to its caller. */
    private static final class Reader {
        private final Node node;
        private final Path log;
        private final Map<String, String> global = new HashMap<>();
        private final List<Rotation> found = new ArrayList<>(); // the first one counts, as for logrotate

        private int filesRead;

        // Of the section being read.
        private final Map<String, String> local = new HashMap<>();
        private boolean inSection;
        private boolean inScript;
        private boolean matched;

        Reader(Node node, Path log) {
            this.node = node;
            this.log = log;
        }

        private void include(String path, int depth) {
            try {
                if (depth <= INCLUDE_DEPTH_MAX && path.startsWith("/")) {
                    include(Path.of(path), depth);
                }
            } catch (InvalidPathException _) {
                // An invalid path names no file.
            }
        }

        void include(Path path, int depth) {
            List<Path> entries = node.list(path);
            if (entries.isEmpty()) {
                read(path, depth);
            }
            entries.stream()
                    .filter(entry ->
                            !TABOO.matcher(String.valueOf(entry.getFileName())).matches())
                    .forEach(entry -> read(entry, depth));
        }

        void read(Path file, int depth) {
            inSection = inScript = matched = false;
            filesRead++;
            if (filesRead > FILES_MAX) {
                return;
            }
            for (String line : node.text(file).lines().toList()) {
                String text = line.strip();
                if (inScript) {
                    inScript = !text.equals("endscript");
                } else if (!text.startsWith("#")) {
                    for (String part :
                            text.replace("{", "\n{\n").replace("}", "\n}\n").split("\n", -1)) {
                        part(part.strip(), file, depth);
                    }
                }
            }
        }

        private void part(String part, Path file, int depth) {
            String[] words = part.split("[\\s=]+", -1);
            if (part.equals("{")) {
                inSection = true;
                local.clear();
                local.putAll(global);
            } else if (part.equals("}")) {
                if (matched) {
                    found.add(new Rotation(file, local));
                }
                inSection = matched = false;
            } else if (SCRIPTS.contains(words[0])) {
                inScript = true;
            } else if (!inSection && words[0].equals("include") && words.length > 1) {
                include(words[1], depth + 1);
            } else if (!inSection && part.indexOf('/') >= 0 && "/\"'".indexOf(part.charAt(0)) >= 0) {
                matched |= List.of(part.split("[\\s\"']+", -1)).stream().anyMatch(this::matches);
            } else {
                directive(words, inSection ? local : global);
            }
        }

        private static void directive(String[] words, Map<String, String> into) {
            String name = words[0];
            if (LOOKED_FOR.contains(name)) {
                into.put(name, words.length > 1 ? words[1] : "");
            } else if (name.startsWith("no")) {
                into.remove(name.substring("no".length()));
            }
        }

        private boolean matches(String pattern) {
            try {
                return !pattern.isEmpty()
                        && FileSystems.getDefault()
                                .getPathMatcher("glob:" + pattern)
                                .matches(log);
            } catch (PatternSyntaxException | InvalidPathException _) {
                return false;
            }
        }
    }
}
