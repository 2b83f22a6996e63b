package io.denywatch.tail;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.denywatch.tail.Unreadable.ReadFailure;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Tests may run as root, whom no file is denied to: what a denial is called is tested here, without a file. */
class ReadFailureTest {
    @Test
    void tellsReasonsApartByWhatJavaThrows() {
        assertEquals(
                "permission", ReadFailure.of(new AccessDeniedException("/log")).label());
        assertEquals(
                "not_found", ReadFailure.of(new NoSuchFileException("/log")).label());
        assertEquals(
                "io",
                ReadFailure.of(new FileSystemException("/log", "", "Too many open files"))
                        .label());
        assertEquals("io", ReadFailure.of(new IOException("Input/output error")).label());
    }

    @Test
    void problemNamesTheFileAndWhatToDo() {
        Unreadable denied = Unreadable.of(Path.of("/log"), new AccessDeniedException("/log"));
        assertEquals(
                "/log: permission denied; the agent's user or groups must be allowed to read it", denied.problem());
        Unreadable rotated = Unreadable.of(Path.of("/log"), new AccessDeniedException("/log.1"));
        assertEquals(
                "/log.1: permission denied; the agent's user or groups must be allowed to read it", rotated.problem());
        Unreadable broken =
                Unreadable.of(Path.of("/log"), new FileSystemException("/log.1", null, "Input/output error"));
        assertEquals("/log.1: Input/output error", broken.problem());
    }
}
