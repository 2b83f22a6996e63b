package io.denywatch.replay;

import io.denywatch.packet.DeniedPacket;
import io.denywatch.packet.PacketLogParser;
import io.denywatch.packet.SyslogTime;
import io.denywatch.process.CommandFailure;
import io.denywatch.process.LogInput;
import io.denywatch.tail.LineFramer;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Whole log files, parsed by several threads and passed in order to the reading thread.
 *
 * <p>A plain file is divided at ends of lines into pieces of equal size; a file that is compressed or not regular is a
 * single piece. Thread i of n parses the pieces i, i+n, i+2n and so on, so the threads need no coordination, and the
 * reader knows which one is next. Each thread has a few batches, which return to it once they have been counted: this
 * bounds memory, and how far one thread can be ahead of the others.
 */
final class ParsedLog implements AutoCloseable {
    /** Bytes of a piece of a plain file. */
    static final int PIECE_BYTES = 512 * 1024;

    private static final int BATCHES = 3; // per thread: one being filled, one waiting, one being counted
    private static final int LINES = 2_048; // of a piece with lines of usual length

    /** One file. */
    private record ReplayedFile(Path path, long pieces, boolean divisible) {}

    private final List<ReplayedFile> sources;
    private final List<Worker> workers = new ArrayList<>();
    private final int pieceBytes;

    /**
     * Starts the threads.
     *
     * @param parsers creates a line parser and its reader of stamps without a year; called once per thread
     * @param threads number of threads
     * @param pieceBytes see {@link #PIECE_BYTES}
     */
    ParsedLog(List<Path> files, Supplier<Parser> parsers, int threads, int pieceBytes) {
        this.pieceBytes = pieceBytes;
        sources = files.stream().map(this::source).toList();
        for (int i = 0; i < threads; i++) {
            workers.add(new Worker(i, threads, parsers.get()));
        }
        workers.forEach(Thread::start);
    }

    /**
     * Parses lines on one thread.
     *
     * @param time reads the parser's time stamps that have no year
     */
    record Parser(PacketLogParser parser, SyslogTime time) {}

    private ReplayedFile source(Path path) {
        boolean divisible = LogInput.isPlainFile(path);
        long size = LogInput.size(path);
        return new ReplayedFile(path, divisible ? Math.max(1, Math.ceilDiv(size, pieceBytes)) : 1, divisible);
    }

    /** Passes all lines on, in batches. */
    void read(Consumer<ParsedLines> handler) {
        int turn = 0;
        try {
            for (ReplayedFile source : sources) {
                for (long piece = 0; piece < source.pieces; piece++) {
                    workers.get(turn).handOver(handler);
                    turn = (turn + 1) % workers.size();
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("the thread that reads a log is never interrupted", e);
        }
    }

    @Override
    public void close() {
        workers.forEach(Thread::interrupt);
        for (Worker worker : workers) {
            try {
                worker.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Parses its share of the pieces. Everything except the queues is confined to this thread. */
    private final class Worker extends Thread {
        private final int first;
        private final int step;
        private final Parser parser;
        private final LineFramer framer = new LineFramer();
        private final DeniedPacket packet = new DeniedPacket();
        private long oversized;
        private final BlockingQueue<ParsedLines> empty = new ArrayBlockingQueue<>(BATCHES);
        private final BlockingQueue<ParsedLines> full = new ArrayBlockingQueue<>(BATCHES);

        Worker(int first, int step, Parser parser) {
            super("parse-" + first);
            setDaemon(true);
            this.first = first;
            this.step = step;
            this.parser = parser;
            for (int i = 0; i < BATCHES; i++) {
                empty.add(new ParsedLines(parser.parser, packet, LINES));
            }
        }

        /** Passes on all batches of this worker's next piece. Called by the reading thread. */
        void handOver(Consumer<ParsedLines> handler) throws InterruptedException {
            boolean last = false;
            while (!last) {
                ParsedLines lines = full.take();
                last = lines.isLast();
                CommandFailure failure = lines.failure();
                if (failure != null) {
                    throw failure;
                }
                handler.accept(lines);
                empty.put(lines);
            }
        }

        @Override
        public void run() {
            boolean told = false;
            try {
                long ours = first;
                for (ReplayedFile source : sources) {
                    while (ours < source.pieces) {
                        parse(source, ours);
                        ours += step;
                    }
                    ours -= source.pieces;
                }
                told = true;
            } catch (CommandFailure e) {
                fail(e);
                told = true;
            } catch (InterruptedException e) {
                told = true; // the reader has stopped
            } finally {
                if (!told) {
                    fail(CommandFailure.failed("a parsing thread failed; see above"));
                }
            }
        }

        private void fail(CommandFailure failure) {
            try {
                ParsedLines lines = empty.take();
                lines.fail(failure);
                full.put(lines);
            } catch (InterruptedException e) {
                // The reader has stopped.
            }
        }

        private void parse(ReplayedFile source, long piece) throws InterruptedException {
            try {
                parser.time.reference(LogInput.modifiedMicros(source.path));
                if (source.divisible) {
                    parsePiece(source, piece);
                } else {
                    parseStream(source);
                }
            } catch (IOException e) {
                throw LogInput.failure(source.path, e);
            }
        }

        private void parsePiece(ReplayedFile source, long piece) throws IOException, InterruptedException {
            long end = piece == source.pieces - 1 ? Long.MAX_VALUE : (piece + 1) * pieceBytes;
            try (FileChannel file = FileChannel.open(source.path, StandardOpenOption.READ)) {
                LineRange range = new LineRange(file, piece * pieceBytes, end);
                ParsedLines lines = begin();
                long position = framer.position();
                while (framer.fill(range) >= 0) {
                    framer.drain(lines);
                }
                framer.finish(lines);
                end(lines, framer.position() - position, true);
            }
        }

        private void parseStream(ReplayedFile source) throws IOException, InterruptedException {
            try (LogInput input = LogInput.open(source.path)) {
                ParsedLines lines = begin();
                long bytes = 0;
                while (framer.fill(input.lines()) >= 0) {
                    framer.drain(lines);
                    if (lines.size() >= LINES) {
                        end(lines, input.fileBytes() - bytes, false);
                        bytes = input.fileBytes();
                        lines = begin();
                    }
                }
                framer.finish(lines);
                end(lines, input.fileBytes() - bytes, true);
            }
        }

        private ParsedLines begin() throws InterruptedException {
            ParsedLines lines = empty.take();
            lines.clear();
            return lines;
        }

        private void end(ParsedLines lines, long fileBytes, boolean last) throws InterruptedException {
            long all = framer.counts().oversizedLines();
            lines.end(all - oversized, fileBytes, last);
            oversized = all;
            full.put(lines);
        }
    }
}
