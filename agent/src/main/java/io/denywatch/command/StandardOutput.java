package io.denywatch.command;

import java.io.IOException;
import java.io.OutputStream;

/** A stream whose failures end the command: quietly where the reader has gone, as after {@code | head}. */
final class StandardOutput extends OutputStream {
    private final OutputStream out;

    StandardOutput(OutputStream out) {
        this.out = out;
    }

    /** Standard output could not be written. Unchecked, so that it passes through JSON and help writers untouched. */
    static final class Failed extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Failed(IOException cause) {
            super(cause);
        }

        /** Whether the reader closed its end of the pipe, which is no error. */
        boolean isClosedPipe() {
            return String.valueOf(getMessage()).contains("Broken pipe");
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
            throw new Failed(e);
        }
    }

    @Override
    public void flush() {
        try {
            out.flush();
        } catch (IOException e) {
            throw new Failed(e);
        }
    }
}
