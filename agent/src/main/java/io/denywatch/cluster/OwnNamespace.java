package io.denywatch.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** The namespace that this process runs in. */
public final class OwnNamespace {
    /** The environment variable that names it. */
    public static final String VARIABLE = "POD_NAMESPACE";

    /** Where the kubelet writes it, in each pod with a service account's token. */
    static final Path FILE = Path.of("var/run/secrets/kubernetes.io/serviceaccount/namespace");

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?");

    private OwnNamespace() {}

    /**
     * The namespace: from the environment, or else from the pod's service account. Empty if neither names one.
     *
     * @param root the directory that stands for {@code /}
     */
    public static Optional<String> find(Map<String, String> environment, Path root) {
        return Optional.ofNullable(environment.get(VARIABLE))
                .or(() -> read(root.resolve(FILE)))
                .map(String::strip)
                .filter(name -> NAME.matcher(name).matches());
    }

    private static Optional<String> read(Path file) {
        try {
            return Optional.of(Files.readString(file));
        } catch (IOException e) {
            return Optional.empty(); // not in a pod, or in one without a token
        }
    }
}
