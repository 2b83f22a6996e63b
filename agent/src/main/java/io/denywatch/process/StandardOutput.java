package io.denywatch.process;

import java.io.IOException;
import java.io.OutputStream;

/** A stream whose failures end the command, quietly if the reader is gone, as after {@code | head}. */
public final class StandardOutput extends OutputStream {
    private final OutputStream out;
    private final boolean isPipe;

    /**
     * Wraps a stream.
     *
     * @param isPipe whether this is a pipe or a socket: then any failed write means that the reader is gone. The
     *     failure's message says so too, but in the language of the system
     */
    public StandardOutput(OutputStream out, boolean isPipe) {
        this.out = out;
        this.isPipe = isPipe;
    }

    /** Standard output could not be written. Unchecked, so that it passes through JSON and help writers untouched. */
    public static final class WriteFailed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final boolean isPipe;

        WriteFailed(IOException cause, boolean isPipe) {
            super(cause.getMessage(), cause);
            this.isPipe = isPipe;
        }

        /** Whether the reader closed its end of the pipe, which is not an error. */
        public boolean isClosedPipe() {
            return isPipe;
        }
    }

    @Override
    public void write(int b) {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) {
        try {
            out.write(bytes, offset, length);
        } catch (IOException e) {
            throw new WriteFailed(e, isPipe);
        }
    }

    @Override
    public void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw new WriteFailed(e, isPipe);
        }
    }
}
