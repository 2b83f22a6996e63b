import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.spi.ToolProvider;

/**
 * Builds the runtime image: a directory with its own Java runtime, the program's jars and a launcher, which needs
 * nothing else installed.
 *
 * <pre>
 *   bin/denywatch            the launcher, copied from src/image/bin
 *   bin/java, lib/, ...      what jlink makes of the JDK that runs this file
 *   app/*.jar                the program as denywatch.jar, and its runtime dependencies
 *   app/revision             the commit it was built from, written last: with it there, the image is whole
 * </pre>
 *
 * Run by Maven at the end of {@code package} with the JDK it selected; a plain source file because it is part of the
 * build and not of the program.
 */
final class RuntimeImage {
    /** What {@code jdeps} finds in the jars, and what they reach by reflection; jdeps says why for all but the last. */
    private static final List<String> MODULES = List.of(
            "java.base",
            "java.logging",
            "java.management",
            "java.naming",
            "java.net.http",
            "java.xml",
            "jdk.management",
            "jdk.unsupported");

    private static final List<String> JLINK_OPTIONS =
            List.of("--strip-debug", "--no-man-pages", "--no-header-files", "--compress", "zip-6");

    /** The launcher's object layout: an archive of classes made for another one would be ignored without a word. */
    private static final List<String> ARCHIVE_OPTIONS =
            List.of("-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders", "-Xshare:dump");

    private final Path image;

    private RuntimeImage(Path image) {
        this.image = image;
    }

    /**
     * @param arguments the image's directory, the launcher, the program's jar, and the runtime class path (directories on
     *     it are skipped: they are the jar's own classes)
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 4) {
            throw new IllegalArgumentException(
                    "RuntimeImage takes IMAGE LAUNCHER JAR CLASSPATH, got " + arguments.length + " arguments");
        }
        var image = new RuntimeImage(Path.of(arguments[0]));
        image.linkRuntime();
        image.copyProgram(Path.of(arguments[2]), arguments[3]);
        image.copyLauncher(Path.of(arguments[1]));
        Files.writeString(Path.of(arguments[0], "app", "revision"), revision() + "\n");
    }

    /** Linking takes many seconds, so a runtime made by the same JDK from the same modules is kept. */
    private void linkRuntime() throws IOException {
        var stamp = image.resolve("lib").resolve("made-from");
        var recipe = String.join(
                "\n",
                jdkBuild(),
                String.join(" ", JLINK_OPTIONS),
                String.join(" ", MODULES),
                String.join(" ", ARCHIVE_OPTIONS));
        if (Files.exists(stamp) && Files.readString(stamp).equals(recipe)) {
            return;
        }
        delete(image);
        Files.createDirectories(image.toAbsolutePath().getParent());
        var jlink = ToolProvider.findFirst("jlink")
                .orElseThrow(() -> new IllegalStateException(
                        "the JDK in " + System.getProperty("java.home") + " has no jlink: install a full JDK 25"));
        var options = new ArrayList<>(JLINK_OPTIONS);
        options.addAll(List.of("--add-modules", String.join(",", MODULES), "--output", image.toString()));
        var messages = new StringWriter();
        var output = new PrintWriter(messages);
        int exitCode = jlink.run(output, output, options.toArray(String[]::new));
        if (exitCode != 0) {
            throw new IllegalStateException("jlink failed with exit code " + exitCode + ": " + messages);
        }
        archiveClasses();
        Files.writeString(stamp, recipe);
    }

    /** The runtime's own classes, already parsed and linked: every start maps them in place of loading them. */
    private void archiveClasses() throws IOException {
        var command = new ArrayList<String>();
        command.add(image.resolve("bin").resolve("java").toString());
        command.addAll(ARCHIVE_OPTIONS);
        var output = run(new ProcessBuilder(command).redirectErrorStream(true));
        if (output.exitCode() != 0) {
            throw new IllegalStateException(
                    command + " failed with exit code " + output.exitCode() + ": " + output.text());
        }
    }

    private record Output(int exitCode, String text) {}

    private static Output run(ProcessBuilder builder) throws IOException {
        var process = builder.start();
        var text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Output(process.waitFor(), text.strip());
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while " + builder.command() + " ran", e);
        }
    }

    private static String jdkBuild() throws IOException {
        var release = new Properties();
        try (InputStream in = Files.newInputStream(Path.of(System.getProperty("java.home"), "release"))) {
            release.load(in);
        }
        return release.getProperty("IMPLEMENTOR", "") + " " + Runtime.version() + " "
                + release.getProperty("OS_ARCH", "");
    }

    /** Jars are replaced by new files, never overwritten: a running agent keeps the ones it has open. */
    private void copyProgram(Path jar, String classPath) throws IOException {
        var app = image.resolve("app");
        delete(app);
        Files.createDirectories(app);
        Files.copy(jar, app.resolve("denywatch.jar"));
        for (var entry : classPath.split(System.getProperty("path.separator"))) {
            var dependency = Path.of(entry);
            if (Files.isRegularFile(dependency)) {
                Files.copy(dependency, app.resolve(dependency.getFileName()));
            }
        }
    }

    private void copyLauncher(Path launcher) throws IOException {
        var copy = image.resolve("bin").resolve("denywatch");
        Files.deleteIfExists(copy);
        Files.copy(launcher, copy);
        if (!copy.toFile().setExecutable(true, false)) {
            throw new IOException("cannot make " + copy + " executable");
        }
    }

    /** The commit the working directory is at, or {@code unknown} without git or outside a checkout. */
    private static String revision() {
        try {
            var git = run(new ProcessBuilder("git", "rev-parse", "--short", "HEAD")
                    .redirectError(ProcessBuilder.Redirect.DISCARD));
            return git.exitCode() == 0 ? git.text() : "unknown";
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static void delete(Path path) throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        try (var paths = Files.walk(path)) {
            for (var each : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(each);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
