package io.denywatch.exposition;

import io.denywatch.web.Users;
import io.denywatch.web.Users.Login;
import io.denywatch.web.WebConfig;
import io.denywatch.web.WebConfigFile;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.ssl.SslHandler;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Access control and encryption as a web configuration file defines them. Confined to the event loop, except for the
 * first check of a password: it is slow, so the thread {@code login} checks passwords one after another. A connection
 * waits for one check at a time, so there are never more waiting checks than connections.
 */
final class Access implements AutoCloseable {
    private static final int IDLE_MAX_SECONDS = 10;

    private final @Nullable WebConfigFile file; // none: no login is required
    private final ThreadPoolExecutor logins;

    Access(Optional<WebConfigFile> file) {
        this.file = file.orElse(null);
        logins = new ThreadPoolExecutor(
                1, 1, IDLE_MAX_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), Access::thread);
        logins.allowCoreThreadTimeOut(true);
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "login");
        thread.setDaemon(true);
        return thread;
    }

    /** Whether connections are encrypted; for any thread. */
    boolean encrypts() {
        return file != null && file.encrypts();
    }

    /** Encrypts a connection, if encryption is configured. */
    void secure(Channel channel) {
        WebConfig config = current(channel);
        if (config != null && config.tls().isPresent()) {
            SslHandler tls = config.tls().get().handler(channel.alloc(), Connection.REQUEST_MAX_SECONDS);
            ChannelPipeline pipeline = channel.pipeline();
            pipeline.addLast(tls);
        }
    }

    /** Headers for each response. */
    Map<String, String> headers(Channel channel) {
        WebConfig config = current(channel);
        return config == null ? Map.of() : config.headers();
    }

    /**
     * Checks whether a request may be answered; calls back at once, or later on the event loop.
     *
     * @param verdict gets the status of a refusal, or nothing if the request is accepted
     */
    void check(HttpRequest request, Channel channel, Consumer<Optional<HttpResponseStatus>> verdict) {
        WebConfig config = current(channel);
        if (config == null) {
            verdict.accept(Optional.empty());
            return;
        }
        if (!config.rateLimit().take(nanos(channel))) {
            verdict.accept(Optional.of(HttpResponseStatus.TOO_MANY_REQUESTS));
            return;
        }
        Users users = config.users();
        if (users.isEmpty()) {
            verdict.accept(Optional.empty());
            return;
        }
        Optional<Login> login = users.login(request.headers().get(HttpHeaderNames.AUTHORIZATION));
        Optional<Boolean> known = login.isEmpty() ? Optional.of(false) : users.remembered(login.get());
        if (known.isPresent()) {
            verdict.accept(refusal(known.get()));
            return;
        }
        logins.execute(() -> {
            if (channel.isActive()) { // else the client is gone
                boolean good = users.check(login.get());
                channel.eventLoop().execute(() -> {
                    users.remember(login.get(), good);
                    verdict.accept(refusal(good));
                });
            }
        });
    }

    private static Optional<HttpResponseStatus> refusal(boolean good) {
        return good ? Optional.empty() : Optional.of(HttpResponseStatus.UNAUTHORIZED);
    }

    private @Nullable WebConfig current(Channel channel) {
        return file == null ? null : file.current(nanos(channel));
    }

    private static long nanos(Channel channel) {
        return channel.eventLoop().ticker().nanoTime();
    }

    /** Ends the thread; pending checks get no answer. */
    @Override
    public void close() {
        logins.shutdownNow();
    }
}
