package io.denywatch.exposition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RenderedPagesTest {
    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(true);
    private final MockTicker ticker = Ticker.newMockTicker();
    private final RenderedPages pages = new RenderedPages(new Connections(), ticker);
    private int rendered;

    @AfterEach
    void nothingIsHeldInTheEnd() {
        pages.close();

        assertEquals(0, allocator.metric().usedDirectMemory());
    }

    @Test
    void rendersOnceWhileNothingNewIsPublished() throws IOException {
        Object first = new Object();
        pages.show(first, 0);
        assertEquals("page 1", get("page"));
        pages.show(first, RenderedPages.GENERATION_MAX_MILLIS - 1);
        assertEquals("page 1", get("page"));
        assertEquals("other 2", get("other"));
        pages.show(new Object(), RenderedPages.GENERATION_MAX_MILLIS - 1);
        assertEquals("page 3", get("page"));
    }

    @Test
    void rendersAgainAfterAWhileAndWhenTheClockGoesBack() throws IOException {
        Object same = new Object();
        pages.show(same, 5_000);
        assertEquals("page 1", get("page"));
        pages.show(same, 5_000 + RenderedPages.GENERATION_MAX_MILLIS);
        assertEquals("page 2", get("page"));
        pages.show(same, 1);
        assertEquals("page 3", get("page"));
    }

    @Test
    void rendersNoNewerPagesBeforeTheOldOnesWereWorthTheirTime() throws IOException {
        pages.show(new Object(), 0);
        Response slow = Objects.requireNonNull(
                pages.get("page", "text", allocator, out -> ticker.advance(3, TimeUnit.SECONDS)));
        slow.body().release();
        ticker.advance(8, TimeUnit.SECONDS);
        pages.show(new Object(), 11_000);
        assertEquals("", get("page"));
        ticker.advance(1, TimeUnit.SECONDS);
        pages.show(new Object(), 12_000);
        assertEquals("page 1", get("page"));
    }

    @Test
    void makesFewPagesWithAParameterAndAnyWithout() throws IOException {
        for (int i = 0; i < RenderedPages.WITH_PARAMETER_MAX; i++) {
            get("story?" + i);
        }
        assertNull(pages.get("story?new", "text", allocator, out -> rendered++));
        assertEquals("story?0 1", get("story?0"));
        get("metrics");
        pages.show(new Object(), 1);
        get("story?new");
    }

    @Test
    void keepsNothingOfAPageThatFails() throws IOException {
        assertThrows(
                IOException.class,
                () -> pages.get("page", "text", allocator, out -> {
                    out.write(1);
                    throw new IOException("broken");
                }));
        assertEquals("page 1", get("page"));
    }

    @Test
    void whatIsBeingSentStaysWhole() throws IOException {
        Response slow = Objects.requireNonNull(pages.get("page", "text", allocator, out -> out.write(42)));
        pages.show(new Object(), 1);
        get("page");
        assertEquals(42, slow.body().readByte());
        slow.body().release();
    }

    private String get(String name) throws IOException {
        Response answer = Objects.requireNonNull(
                pages.get(name, "text", allocator, out -> out.write((name + " " + ++rendered).getBytes(UTF_8))));
        String text = answer.body().toString(UTF_8);
        answer.body().release();
        return text;
    }
}
