package io.denywatch.agent;

import io.denywatch.ingest.Checkpoint;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.Version;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * Changes the owner of the checkpoint directory to the agent's user: the node creates it as root, and an earlier agent
 * may have used another user.
 *
 * <p>Needs root and CAP_CHOWN, and no other capability. Without the others, root cannot look into a directory whose
 * mode excludes it, so it takes ownership of the directory first; after that no other user can change its contents
 * between check and use.
 */
@Command(
        name = OwnCommand.NAME,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description =
                "Gives the directory of the checkpoint, and the agent's files in it, to a user: for an init container"
                        + " that is root and may change owners and nothing else.")
public final class OwnCommand implements Callable<Integer> {
    public static final String NAME = "own";

    /** The required prefix of the directory's name, so that no other directory changes its owner by mistake. */
    static final String DIRECTORY_START = "denywatch";

    private static final Pattern OWNER = Pattern.compile("([0-9]{1,9}):([0-9]{1,9})");
    private static final Set<PosixFilePermission> OF_OTHERS =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
    private static final Set<PosixFilePermission> OF_OWNER =
            Set.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    @Parameters(index = "0", paramLabel = "DIRECTORY", description = "Its name begins with \"denywatch\".")
    private String directory = "";

    @Parameters(index = "1", paramLabel = "UID:GID", description = "Numbers of the user and the group.")
    private String owner = "";

    @Override
    public Integer call() {
        Matcher numbers = OWNER.matcher(owner);
        if (!numbers.matches()) {
            throw CommandFailure.usage(owner + " is not allowed; allowed: UID:GID, two numbers");
        }
        Path path = Path.of(directory).toAbsolutePath().normalize();
        if (!String.valueOf(path.getFileName()).startsWith(DIRECTORY_START)) {
            throw CommandFailure.usage(
                    directory + " is not allowed; allowed: a directory whose name begins with " + DIRECTORY_START);
        }
        Owner wanted = new Owner(Integer.parseInt(numbers.group(1)), Integer.parseInt(numbers.group(2)));
        try {
            own(path, wanted);
        } catch (IOException e) {
            throw CommandFailure.failed(directory + " cannot be given to " + owner + ": " + e);
        }
        return 0;
    }

    /** A user and a group. */
    private record Owner(int user, int group) {
        static Owner of(Path path) throws IOException {
            return new Owner((int) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS), (int)
                    Files.getAttribute(path, "unix:gid", LinkOption.NOFOLLOW_LINKS));
        }

        void take(Path path) throws IOException {
            if (!equals(of(path))) {
                Files.setAttribute(path, "unix:gid", group, LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(path, "unix:uid", user, LinkOption.NOFOLLOW_LINKS);
            }
        }
    }

    private void own(Path path, Owner wanted) throws IOException {
        if (!Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            throw CommandFailure.failed(directory + " is no directory");
        }
        Owner before = Owner.of(path);
        new Owner(processUser(), before.group()).take(path);
        Owner after = before;
        try {
            closeToOthers(path);
            for (Path file : checked(path)) {
                wanted.take(file);
            }
            after = wanted;
        } finally {
            after.take(path);
        }
    }

    private static int processUser() throws IOException {
        return (int) Files.getAttribute(Path.of("/proc/self"), "unix:uid");
    }

    /** Lets only the owner write: otherwise the group or any user could replace a file after the check. */
    private static void closeToOthers(Path path) throws IOException {
        Set<PosixFilePermission> permissions = new HashSet<>(Files.getPosixFilePermissions(path));
        boolean wasOpen = permissions.removeAll(OF_OTHERS);
        if (permissions.addAll(OF_OWNER) || wasOpen) {
            Files.setPosixFilePermissions(path, permissions);
        }
    }

    /** The agent's files; fails if anything else is there: then it is not the agent's directory. */
    private List<Path> checked(Path path) throws IOException {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(path)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                boolean known = Checkpoint.FILES.contains(name)
                        && Files.isRegularFile(entry, LinkOption.NOFOLLOW_LINKS)
                        && (int) Files.getAttribute(entry, "unix:nlink", LinkOption.NOFOLLOW_LINKS) == 1;
                if (!known) {
                    throw CommandFailure.failed(directory + ": " + name
                            + " is not allowed there; allowed: regular files without further hard links, called "
                            + String.join(", ", Checkpoint.FILES));
                }
                files.add(entry);
            }
        }
        return files;
    }
}
