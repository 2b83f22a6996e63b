package io.denywatch.ingest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.DataOutput;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RecordBufferTest {
    private static void write(DataOutput out, SplittableRandom random) throws IOException {
        for (int i = random.nextInt(100); i > 0; i--) {
            switch (random.nextInt(5)) {
                case 0 -> out.writeLong(random.nextLong());
                case 1 -> out.writeByte(random.nextInt());
                case 2 -> out.writeUTF("label" + random.nextInt());
                case 3 -> out.write(new byte[random.nextInt(20_000)]);
                default -> out.writeBoolean(random.nextBoolean());
            }
        }
    }

    @Test
    void holdsEachRecordAloneHoweverLong() throws IOException {
        RecordBuffer buffer = new RecordBuffer();
        for (long seed = 1; seed <= 100; seed++) {
            write(buffer.begin(), new SplittableRandom(seed));
            ByteArrayOutputStream model = new ByteArrayOutputStream();
            write(new DataOutputStream(model), new SplittableRandom(seed));
            byte[] record = Arrays.copyOf(buffer.array(), buffer.length());
            assertArrayEquals(model.toByteArray(), record, "seed " + seed);
        }
        buffer.begin();
        assertEquals(0, buffer.length());
    }
}
