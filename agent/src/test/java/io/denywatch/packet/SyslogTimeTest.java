package io.denywatch.packet;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SyslogTimeTest {
    private static final String REST = " n1 kernel: calico-packet: IN=eth0 OUT= MAC= SRC=10.0.0.1 DST=10.0.0.2 LEN=28"
            + " TOS=0x00 PREC=0x00 TTL=64 ID=1 PROTO=132 ";

    private static Instant time(SyslogTime time, String stamp) {
        byte[] line = (stamp + REST).getBytes(ISO_8859_1);
        DeniedPacket packet = new DeniedPacket();
        LineKind kind =
                PacketLogParser.withPrefixes(List.of("calico-packet"), time).parse(line, 0, line.length, packet);
        assertEquals(LineKind.PACKET, kind, stamp);
        long micros = packet.timeMicros();
        return micros == DeniedPacket.NO_TIME
                ? Instant.MIN
                : Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L), Math.floorMod(micros, 1_000_000L) * 1_000L);
    }

    @ParameterizedTest
    @CsvSource({
        "2024-11-19T12:15:03.023805-08:00, 2024-11-19T20:15:03.023805Z",
        "2024-02-29T23:59:59+00:00, 2024-02-29T23:59:59Z",
        "2024-02-29T23:59:59Z, 2024-02-29T23:59:59Z",
        "2024-09-05T14:34:40+0530, 2024-09-05T09:04:40Z",
        "2024-09-05T14:34:40.1+00:00, 2024-09-05T14:34:40.100Z",
        "2024-09-05T14:34:40.123456789Z, 2024-09-05T14:34:40.123456Z",
        "1970-01-01T00:00:00Z, 1970-01-01T00:00:00Z",
        "2000-03-01T00:00:00Z, 2000-03-01T00:00:00Z"
    })
    void readsInternetTimes(String stamp, Instant instant) {
        assertEquals(instant, time(new SyslogTime(ZoneId.of("Asia/Kolkata")), stamp));
    }

    @ParameterizedTest
    @CsvSource({
        "2023-02-29T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-00-01T00:00:00Z",
        "2024-01-32T00:00:00Z",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:61Z",
        "2024-01-01T00:00:00+24:00",
        "Feb 30 00:00:00",
        "Jan  0 00:00:00",
        "Jan 32 00:00:00",
        "Jan 01 24:00:00",
        "Jan 01 00:00:61"
    })
    void hasNoTimeWhereThereIsNoSuchDate(String stamp) {
        assertEquals(Instant.MIN, time(new SyslogTime(ZoneId.of("UTC")), stamp));
    }

    @ParameterizedTest
    @CsvSource({
        "Dec 31 23:59:59, UTC, 2027-01-01T00:00:02Z, 2026-12-31T23:59:59Z",
        "Jan  1 00:00:00, UTC, 2026-12-31T23:59:59Z, 2027-01-01T00:00:00Z",
        "Jan  5 10:00:00, UTC, 2026-12-20T00:00:00Z, 2026-01-05T10:00:00Z",
        "Jul 17 08:00:00, UTC, 2026-07-16T06:00:00Z, 2025-07-17T08:00:00Z",
        "Feb 29 12:00:00, UTC, 2026-05-01T00:00:00Z, 2024-02-29T12:00:00Z",
        "Feb 29 23:59:59, UTC, 2028-03-01T00:00:03Z, 2028-02-29T23:59:59Z",
        "Feb 29 12:00:00, UTC, 2100-03-01T00:00:00Z, 2096-02-29T12:00:00Z",
        "Feb 29 12:00:00, UTC, 2104-02-01T00:00:00Z, 2096-02-29T12:00:00Z",
        "Jan  1 00:00:30, Asia/Kolkata, 2026-12-31T18:30:31Z, 2026-12-31T18:30:30Z",
        "Jan  1 05:00:00, Pacific/Auckland, 2026-12-31T16:00:01Z, 2026-12-31T16:00:00Z",
        "Nov  1 01:30:00, America/New_York, 2026-11-01T06:30:01Z, 2026-11-01T06:30:00Z",
        "Mar  8 02:30:00, America/New_York, 2026-03-08T07:30:05Z, 2026-03-08T07:30:00Z",
        "Sep 5 14:34:40, UTC, 2026-09-06T00:00:00Z, 2026-09-05T14:34:40Z",
        "Sep 05 14:34:40, UTC, 2026-09-06T00:00:00Z, 2026-09-05T14:34:40Z",
        "Sep  5 14:34:40.25, UTC, 2026-09-06T00:00:00Z, 2026-09-05T14:34:40.250Z"
    })
    void givesYearlessTimesTheLatestYearThatIsNotAhead(String stamp, String zone, Instant reference, Instant instant) {
        SyslogTime time = new SyslogTime(ZoneId.of(zone));
        time.reference(reference.getEpochSecond() * 1_000_000);
        assertEquals(instant, time(time, stamp));
    }

    @ParameterizedTest
    @CsvSource({
        "2026-11-01T05:30:01Z, Nov  1 01:29:59, 2026-11-01T05:30:00Z",
        "2026-11-01T06:30:01Z, Nov  1 01:59:59, 2026-11-01T06:30:00Z"
    })
    void readsAnHourThatComesTwiceInTheOrderOfTheLines(Instant reference, String before, Instant instant) {
        SyslogTime time = new SyslogTime(ZoneId.of("America/New_York"));
        time.reference(Instant.parse("2026-11-01T05:30:00Z").getEpochSecond() * 1_000_000);
        time(time, before);
        time.reference(reference.getEpochSecond() * 1_000_000);
        assertEquals(instant, time(time, "Nov  1 01:30:00"));
    }
}
