package io.denywatch.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/**
 * What an init container runs as root so that the agent need not be: the kubelet makes a directory of the node as root's, and
 * an image without a shell has no chown(1). Takes no capability but CAP_CHOWN.
 */
@Command(
        name = "chown",
        hidden = true,
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Gives a directory, and the files in it, to a user and a group. Links are not followed.")
final class ChownCommand implements Callable<Integer> {
    private static final Pattern OWNER = Pattern.compile("([0-9]{1,10}):([0-9]{1,10})");

    /** The kernel keeps the last one for "leave it as it is"; chown(2). */
    private static final long ID_MAX = 0xffff_fffeL;

    @Parameters(index = "0", paramLabel = "UID:GID", description = "Numbers of the user and the group.")
    private String owner = "";

    @Parameters(index = "1", paramLabel = "DIRECTORY", description = "The agent's checkpoint.directory.")
    private Path directory = Path.of("");

    @Override
    public Integer call() {
        Matcher ids = OWNER.matcher(owner);
        if (!ids.matches() || Long.parseLong(ids.group(1)) > ID_MAX || Long.parseLong(ids.group(2)) > ID_MAX) {
            throw CommandFailure.usage("\"" + owner + "\" is not allowed; allowed: UID:GID, each from 0 to " + ID_MAX);
        }
        int user = Integer.parseUnsignedInt(ids.group(1));
        int group = Integer.parseUnsignedInt(ids.group(2));
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw CommandFailure.failed(directory + ": is no directory");
        }
        // The files first: whoever has the directory can put others in their place.
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file : files.toList()) {
                give(file, user, group);
            }
            give(directory, user, group);
        } catch (IOException e) {
            throw CommandFailure.failed(directory + ": cannot be given to " + owner + ": " + e.getMessage());
        }
        return 0;
    }

    private static void give(Path path, int user, int group) throws IOException {
        Files.setAttribute(path, "unix:uid", user, LinkOption.NOFOLLOW_LINKS);
        Files.setAttribute(path, "unix:gid", group, LinkOption.NOFOLLOW_LINKS);
    }
}
