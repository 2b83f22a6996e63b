import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
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
 *   app/*.aot                classes as a start needs them, loaded and linked; see {@link AotCache}
 *   app/options-*            what a container starts Java with, one for each of them; see src/image/container
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

    /**
     * Built into the runtime, so that they hold for whoever starts it, and whatever is given later wins: by the launcher,
     * on a command line, or in JDK_JAVA_OPTIONS. They fit one small process per node, for months.
     */
    private static final List<String> JAVA_OPTIONS = List.of(
            "-XX:+UseSerialGC", // no threads and tables of a concurrent collector: 45 MiB less
            "-XX:+UseCompactObjectHeaders", // 8 bytes for each object, not 12
            "-XX:MaxRAMPercentage=40", // of a container's limit: what is private outside the heap is about 40 MiB
            "-XX:MinRAMPercentage=40", // the same, for limits below 256 MiB
            "-XX:+UseCompressedOops", // keeps that below 32 GB where no limit is set, as the AOT cache needs
            "-Xms6m", // half of it is old, where the objects of the AOT cache must fit: with less Java does not start
            "-Xmn3m", // what dies young is little; what lives in tables is promoted once
            "-XX:MinHeapFreeRatio=10", // the heap follows what is in use, up and down
            "-XX:MaxHeapFreeRatio=20",
            "-XX:-ShrinkHeapInSteps",
            "-Xss256k", // a dozen threads with shallow stacks
            "-XX:ReservedCodeCacheSize=16m", // a third is used
            "-XX:TrimNativeHeapInterval=2000", // ms; what compilers allocated goes back to the system
            "-XX:-UsePerfData", // no file in /tmp, which may be read-only
            "-XX:+DisableAttachMechanism", // nor a socket there through which to load code into the process
            "-XX:+ExitOnOutOfMemoryError", // a restart goes on from the checkpoint, a crippled process does not
            // The AOT cache where it was made to lie: its pages stay clean, 14 MiB less are private.
            "-XX:+UnlockDiagnosticVMOptions",
            "-XX:ArchiveRelocationMode=0");

    private static final List<String> JLINK_OPTIONS = List.of(
            "--strip-debug",
            "--no-man-pages",
            "--no-header-files",
            "--compress",
            "zip-6",
            "--add-options",
            String.join(" ", JAVA_OPTIONS));

    /** Where the image lies in a container. */
    private static final Path IN_CONTAINER = Path.of("/usr/lib/denywatch");

    private final Path image;

    private RuntimeImage(Path image) {
        this.image = image;
    }

    /**
     * @param arguments the image's directory, the launcher, the program's jar, the runtime class path (directories on it
     *     are skipped: they are the jar's own classes), and the time that files get, as ISO 8601 or seconds since 1970
     */
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 5) {
            throw new IllegalArgumentException(
                    "RuntimeImage takes IMAGE LAUNCHER JAR CLASSPATH TIME, got " + arguments.length + " arguments");
        }
        var image = new RuntimeImage(Path.of(arguments[0]));
        image.linkRuntime();
        image.copyProgram(Path.of(arguments[2]), arguments[3], time(arguments[4]));
        image.copyLauncher(Path.of(arguments[1]));
        image.writeContainerOptions();
        image.prove();
        try {
            AotCache.make(image.image);
        } catch (AotCache.Impossible e) {
            System.err.println("WARNING: no AOT cache, so starts take twice as long: " + e.getMessage());
        }
        Files.writeString(Path.of(arguments[0], "app", "revision"), revision() + "\n");
    }

    private static FileTime time(String text) {
        return FileTime.from(text.matches("\\d+") ? Instant.ofEpochSecond(Long.parseLong(text)) : Instant.parse(text));
    }

    /** Linking takes many seconds, so a runtime made by the same JDK from the same modules is kept. */
    private void linkRuntime() throws IOException {
        var stamp = image.resolve("lib").resolve("made-from");
        var recipe = String.join("\n", jdkBuild(), String.join(" ", JLINK_OPTIONS), String.join(" ", MODULES));
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
        Files.writeString(stamp, recipe);
    }

    /** What does not run without an AOT cache is no image; what cannot be trained here is one all the same. */
    private void prove() throws IOException {
        var java = image.resolve("bin").resolve("java").toString();
        var jar = image.resolve("app").resolve("denywatch.jar").toString();
        var output = run(new ProcessBuilder(java, "-jar", jar, "--version").redirectErrorStream(true));
        if (output.exitCode() != 0) {
            throw new IllegalStateException(image + " does not run: " + output.text());
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

    /**
     * Jars are replaced by new files, never overwritten: a running agent keeps the ones it has open. They all have the
     * same time, whenever they were built: the AOT cache holds only for jars with the times that they had.
     */
    private void copyProgram(Path jar, String classPath, FileTime time) throws IOException {
        var app = image.resolve("app");
        delete(app);
        Files.createDirectories(app);
        copy(jar, app.resolve("denywatch.jar"), time);
        for (var entry : classPath.split(System.getProperty("path.separator"))) {
            var dependency = Path.of(entry);
            if (Files.isRegularFile(dependency)) {
                copy(dependency, app.resolve(dependency.getFileName()), time);
            }
        }
    }

    private static void copy(Path from, Path to, FileTime time) throws IOException {
        Files.copy(from, to);
        Files.setLastModifiedTime(to, time);
    }

    /** What the launcher gives, for a container that has no shell to run one. */
    private void writeContainerOptions() throws IOException {
        for (var cache : List.of(AotCache.ALONE, AotCache.IN_CLUSTER)) {
            var app = IN_CONTAINER.resolve("app");
            Files.write(
                    image.resolve("app").resolve("options-" + cache.replace(".aot", "")),
                    List.of(
                            "-XX:AOTCache=" + app.resolve(cache),
                            "-Xlog:aot=off",
                            "-Xlog:cds=off",
                            "-Ddenywatch.script=true",
                            "-Ddenywatch.revision=" + revision(),
                            "-jar",
                            app.resolve("denywatch.jar").toString()));
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

    /** What DENYWATCH_REVISION says, else the commit the working directory is at, or {@code unknown}. */
    private static String revision() {
        var given = System.getenv("DENYWATCH_REVISION");
        if (given != null && !given.isEmpty()) {
            return given;
        }
        try {
            var git = run(new ProcessBuilder("git", "rev-parse", "--short", "HEAD")
                    .redirectError(ProcessBuilder.Redirect.DISCARD));
            return git.exitCode() == 0 ? git.text() : "unknown";
        } catch (IOException e) {
            return "unknown";
        }
    }

    static void delete(Path path) throws IOException {
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
