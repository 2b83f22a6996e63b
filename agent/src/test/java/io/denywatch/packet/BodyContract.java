package io.denywatch.packet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.denywatch.packet.ReferenceParser.Result;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The kernel's part of the line: what is a packet, what is not, and what its fields say. */
interface BodyContract extends ParserContract {
    String NESTED = "[SRC=1.2.3.4 DST=5.6.7.8 LEN=28 TOS=0x00 PREC=0x00 TTL=64 ID=9 PROTO=TCP INCOMPLETE [8 bytes] ] ";

    @Test
    default void readsEveryFieldOfATcpPacket() {
        Result result =
                packet("IN=eth0 OUT=cali1 PHYSIN=p0 PHYSOUT=p1 MAC=02:00:0a SRC=10.0.0.1 DST=10.0.0.2 LEN=185052"
                        + " TOS=0x1E PREC=0xE0 TTL=255 ID=65535 CE DF MF PROTO=TCP SPT=0 DPT=65535 SEQ=4294967295 ACK=1"
                        + " WINDOW=64240 RES=0x3c AE CWR ECE URG ACK PSH RST SYN FIN URGP=1 OPT (020405B4)"
                        + " UID=4294967295 GID=0 MARK=0xa000000 ");
        assertEquals(
                Map.ofEntries(
                        Map.entry("time", result.fields().getOrDefault("time", "none")),
                        Map.entry("host", "n1"),
                        Map.entry("prefix", "calico-packet:"),
                        Map.entry("repeat", 1L),
                        Map.entry("in", "eth0"),
                        Map.entry("out", "cali1"),
                        Map.entry("physIn", "p0"),
                        Map.entry("physOut", "p1"),
                        Map.entry("mac", "02:00:0a"),
                        Map.entry("src", "10.0.0.1"),
                        Map.entry("dst", "10.0.0.2"),
                        Map.entry("len", 185_052L),
                        Map.entry("tos", 0x1eL),
                        Map.entry("prec", 0xe0L),
                        Map.entry("ttl", 255L),
                        Map.entry("id", 65_535L),
                        Map.entry("ce", true),
                        Map.entry("df", true),
                        Map.entry("mf", true),
                        Map.entry("proto", "TCP"),
                        Map.entry("spt", 0L),
                        Map.entry("dpt", 65_535L),
                        Map.entry("window", 64_240L),
                        Map.entry("flags", List.of("AE", "CWR", "ECE", "URG", "ACK", "PSH", "RST", "SYN", "FIN")),
                        Map.entry("uid", 4_294_967_295L),
                        Map.entry("gid", 0L),
                        Map.entry("mark", 0xa000000L)),
                result.fields());
    }

    @Test
    default void leavesOutWhatTheLineDoesNotHave() {
        Result result = packet("IN= OUT= MAC= " + IP4 + "PROTO=TCP SPT=1 DPT=2 WINDOW=3 RES=0x00 URGP=0 ");
        for (String absent : List.of("in", "out", "mac", "df", "mf", "ce", "frag", "flags", "mark", "uid", "inner")) {
            assertNull(result.fields().get(absent), absent);
        }
    }

    @Test
    default void putsIpv6FieldsInThePlaceOfTheirKin() {
        Result result = packet(LINK + IP6 + "FRAG:0 INCOMPLETE ID:0a1b2c3d " + UDP);
        assertFields(
                Map.of(
                        "src",
                        "2001:db8::1",
                        "dst",
                        "2001:db8::2",
                        "ttl",
                        62L,
                        "tos",
                        3L,
                        "id",
                        0x0a1b2c3dL,
                        "mf",
                        true,
                        "frag",
                        0L,
                        "udpLen",
                        40L,
                        "len",
                        120L),
                result);
        assertFalse(result.fields().containsKey("prec"));
    }

    @Test
    default void keepsApartTheTwoLengthsIdsAndAcknowledgements() {
        assertFields(Map.of("len", 60L, "udpLen", 40L), packet(LINK + IP4 + UDP));
        Result echo = packet(LINK + IP4 + "PROTO=ICMP TYPE=8 CODE=0 ID=54792 SEQ=1 ");
        assertFields(Map.of("id", 7L, "icmpType", 8L, "icmpCode", 0L), echo);
        Result numbers = packet(LINK + IP4 + "PROTO=TCP SPT=1 DPT=2 SEQ=3 ACK=4 WINDOW=5 RES=0x00 SYN URGP=0 ");
        assertEquals(List.of("SYN"), numbers.fields().get("flags"));
    }

    @Test
    default void readsTheNestedPacketWithoutMixingItIn() {
        Result result = packet(LINK + IP4 + "PROTO=ICMP TYPE=3 CODE=4 " + NESTED + "MTU=1400 MARK=0x1 ");
        assertFields(Map.of("src", "10.0.0.1", "proto", "ICMP", "mark", 1L), result);
        assertEquals(
                Map.of(
                        "src",
                        "1.2.3.4",
                        "dst",
                        "5.6.7.8",
                        "len",
                        28L,
                        "tos",
                        0L,
                        "prec",
                        0L,
                        "ttl",
                        64L,
                        "id",
                        9L,
                        "proto",
                        "TCP",
                        "incomplete",
                        8L),
                result.fields().get("inner"));
        assertNull(result.fields().get("incomplete"));
    }

    @Test
    default void countsAnIcmpErrorWhoseNestedPacketIsTruncatedOrLeftOut() {
        assertNull(field(LINK + IP4 + "PROTO=ICMP TYPE=11 CODE=0 [TRUNCATED] ", "inner"));
        assertNull(field(LINK + IP4 + "PROTO=ICMP TYPE=11 CODE=0 ", "inner"));
        assertMalformed(Malformation.CUT, LINK + IP4 + "PROTO=ICMP TYPE=11 CODE=0");
        assertNull(field(LINK + IP6 + "PROTO=ICMPv6 TYPE=4 CODE=1 POINTER=00000028 [TRUNCATED] ", "inner"));
    }

    @Test
    default void refusesANestedPacketInsideANestedPacket() {
        String inner = "[" + IP4 + "PROTO=ICMP TYPE=3 CODE=1 ] ";
        packet(LINK + IP4 + "PROTO=ICMP TYPE=3 CODE=1 " + inner);
        assertRefused(LINK + IP4 + "PROTO=ICMP TYPE=3 CODE=1 [" + IP4 + "PROTO=ICMP TYPE=3 CODE=1 " + inner + "] ");
        assertRefused(LINK + IP4 + "PROTO=ICMP TYPE=3 CODE=1 [" + IP4 + TCP + "MARK=0x1 ] ");
    }

    @Test
    default void wantsATransportHeaderUnlessAFragmentHasNone() {
        for (String proto : List.of("TCP", "UDP", "UDPLITE", "ICMP", "AH", "ESP")) {
            assertMalformed(Malformation.CUT, LINK + IP4 + "PROTO=" + proto + " ");
            assertEquals(proto, field(LINK + IP4 + "FRAG:185 PROTO=" + proto + " MARK=0x1 ", "proto"));
        }
        assertFields(Map.of("frag", 185L, "mark", 1L), packet(LINK + IP4 + "FRAG:185 MARK=0x1 "));
        assertMalformed(Malformation.CUT, LINK + IP4);
        assertNull(field(LINK + IP6, "proto"));
        assertFields(Map.of("frag", 1448L), packet(LINK + IP6 + "FRAG:1448 ID:0a1b2c3d PROTO=UDP "));
    }

    @Test
    default void namesProtocolsThatAreGivenByNumber() {
        assertEquals("TCP", field(LINK + IP4 + "PROTO=6 ", "proto"));
        assertFields(Map.of("proto", "UDP", "dpt", 53L), packet(LINK + IP4 + "PROTO=17 SPT=1 DPT=53 LEN=8 "));
        assertEquals("ICMPv6", field(LINK + IP4 + "PROTO=58 MARK=0x1 ", "proto"));
        assertEquals("132", field(LINK + IP4 + "PROTO=132 ", "proto"));
        assertRefused(LINK + IP4 + "PROTO=132 SPT=1 DPT=2 ");
        assertRefused(LINK + IP4 + "PROTO=256 ");
        assertRefused(LINK + IP4 + "PROTO=tcp SPT=1 DPT=53 LEN=8 ");
    }

    @Test
    default void acceptsTheLinesThatTheKernelStopsEarly() {
        assertEquals(4L, field(LINK + IP4 + "PROTO=TCP INCOMPLETE [4 bytes] ", "incomplete"));
        assertEquals(4_294_967_264L, field(LINK + IP4 + "PROTO=TCP INCOMPLETE [4294967264 bytes] ", "incomplete"));
        assertRefused(LINK + IP4 + "PROTO=TCP INCOMPLETE [4294967296 bytes] ");
        assertRefused(LINK + IP4 + "PROTO=TCP INCOMPLETE [4 bytes] MARK=0x1 ");
        assertEquals(1L, field(LINK + IP4 + "PROTO=ICMP TYPE=3 CODE=1 INCOMPLETE [8 bytes] MARK=0x1 ", "mark"));
        for (String stop : List.of("TRUNCATED", "PROTO=TCP SPT=1 DPT=2 WINDOW=3 RES=0x00 SYN URGP=0 OPT (TRUNCATED)")) {
            assertEquals("10.0.0.2", field(LINK + IP4 + stop, "dst"));
        }
        assertEquals("2001:db8::2", field(LINK + IP6 + "FRAG:TRUNCATED ", "dst"));
        assertEquals("TCP", field(LINK + IP6 + "OPT ( ) OPT ( AH SPI=0x1f ) " + TCP, "proto"));
    }

    @Test
    default void tellsWhatCannotBeCounted() {
        assertMalformed(Malformation.NO_ANCHOR, "");
        assertMalformed(Malformation.NO_ANCHOR, "IN=eth0 ");
        assertMalformed(Malformation.HEADER_ONLY, LINK);
        assertMalformed(Malformation.TRUNCATED, LINK + "TRUNCATED");
        assertMalformed(Malformation.ARP, LINK + "ARP HTYPE=1 PTYPE=0x0800 OPCODE=1");
        assertMalformed(Malformation.CUT, LINK + IP4 + "PROTO=TCP SPT=400");
        assertMalformed(Malformation.UNEXPECTED_FIELD, LINK + IP4 + "FRAG=123 " + TCP);
        assertMalformed(Malformation.BAD_NUMBER, BODY.replace("DPT=443", "DPT=65536"));
        assertMalformed(Malformation.BAD_ADDRESS, BODY.replace("SRC=10.0.0.1", "SRC=10.0.0.256"));
    }

    @Test
    default void refusesAddressesThatTheKernelDoesNotPrint() {
        for (String bad :
                List.of("10.0.0.256", "10.0.0.01", "10.0.0", "10.0.0.1.1", "", "10..0.1", "+1.0.0.1", "10.0.0.1/8")) {
            assertRefused(BODY.replace("SRC=10.0.0.1", "SRC=" + bad));
            assertRefused(BODY.replace("DST=10.0.0.2", "DST=" + bad));
        }
        String good = "SRC=2001:0db8:0000:0000:0000:0000:0000:0001";
        String v6 = LINK + IP6 + TCP;
        for (String bad : List.of(
                "2001:db8::1",
                "2001:0DB8:0000:0000:0000:0000:0000:0001",
                "2001:0db8:0000:0000:0000:0000:0000:001",
                "2001:0db8:0000:0000:0000:0000:0000:00001",
                "2001:0db8:0000:0000:0000:0000:0000:000g",
                "10.0.0.1")) {
            assertRefused(v6.replace(good, "SRC=" + bad));
        }
        assertRefused(BODY.replace("SRC=10.0.0.1", good));
    }

    @Test
    default void refusesNumbersThatTheKernelDoesNotPrint() {
        for (String key : List.of("LEN", "TTL", "ID", "SPT", "DPT", "WINDOW", "URGP")) {
            for (String bad : List.of("", "-1", "+1", "01", "00", "0x1", "1a", "4294967296", "99999999999999999999")) {
                assertRefused(BODY.replaceAll("(?<= )" + key + "=[0-9]+", key + "=" + bad));
            }
        }
        for (String bad : List.of("00", "0x0", "0x000", "0xa0", "0x")) {
            assertRefused(BODY.replace("TOS=0x00", "TOS=" + bad));
        }
        assertRefused(BODY.replace("RES=0x00", "RES=0x0C"));
        assertRefused(BODY + "MARK=0x1A ");
        assertRefused(BODY + "MARK=0x123456789 ");
        assertRefused(BODY + "MARK=0x01 ");
        assertRefused(BODY + "MARK=1 ");
        assertRefused(BODY + "UID=1 ");
        assertEquals(524_280L, field(BODY.replaceAll(" LEN=[0-9]+", " LEN=524280"), "len"));
        assertRefused(BODY.replaceAll(" LEN=[0-9]+", " LEN=524281"));
        assertRefused(LINK + IP6.replaceAll("LEN=[0-9]+", "LEN=524281") + TCP);
        assertRefused(LINK + IP6 + "Unknown Ext Hdr 256");
        assertRefused(BODY.replace("TTL=63", "TTL=256"));
        assertRefused(BODY.replace("ID=7", "ID=65536"));
    }

    @Test
    default void wantsEveryFieldOnceAndInOrder() {
        List<String> fields = List.of(BODY.split(" "));
        Set<String> optional = Set.of("ACK", "SYN", "OUT=cali1");
        for (String field : fields) {
            if (!optional.contains(field) && !field.startsWith("MAC=")) {
                assertRefused(BODY.replace(field + " ", ""));
            }
            if (field.startsWith("IN=")) {
                continue; // where the body begins is the prefix's affair
            }
            assertRefused(BODY.replace(" " + field + " ", " " + field + " " + field + " "));
            assertRefused(BODY.replace(" " + field + " ", " X" + field + " "));
            assertRefused(BODY.replace(" " + field + " ", "  " + field + " "));
        }
        assertRefused(BODY.replace("ACK SYN", "SYN ACK"));
        assertRefused(BODY + " ");
        assertRefused(BODY + "x");
    }

    @Test
    default void matchesKeysAtTokenStartsOnly() {
        assertRefused(BODY.replace(" SRC=", " DSRC="));
        assertRefused(BODY.replace(" DST=", " MACDST="));
        String macs = "IN=eth0 OUT= MACSRC=02:00:00:00:00:01 MACDST=02:00:00:00:00:02 VPROTO=8100 VID=7 MACPROTO=0800 ";
        Result decoded = packet(macs + IP4 + UDP);
        assertEquals("10.0.0.1", decoded.fields().get("src"));
        assertNull(decoded.fields().get("mac"));
        assertEquals("UDP", decoded.fields().get("proto"));
    }

    @Test
    default void readsMacsOfAnyLengthAndTheTunnelBehindThem() {
        String longMac = "ab:".repeat(147) + "cd";
        assertEquals(
                longMac, field(BODY.replaceAll("MAC=[^ ]*", "MAC=" + longMac + " TUNNEL=1.2.3.4->5.6.7.8"), "mac"));
        for (String bad : List.of("0", "02:", ":02", "02:0", "02:0A", "02-00", "02:000")) {
            assertRefused(BODY.replaceAll("MAC=[^ ]*", "MAC=" + bad));
        }
        assertRefused(BODY.replaceAll("MAC=[^ ]*", "MAC= TUNNEL=1.2.3.4-5.6.7.8"));
    }

    @Test
    default void takesAnyByteButBlankAndSlashForInterfaceNames() {
        for (String name : List.of("vxlan.calico", "a@b", "a=b", "\u00c3\u00a9", "\u0085\u00a0", "123456789012345")) {
            assertEquals(name, field(BODY.replace("IN=eth0", "IN=" + name), "in"));
        }
        assertRefused(BODY.replace("IN=eth0", "IN=1234567890123456"));
        assertRefused(BODY.replace("IN=eth0", "IN=a/b"));
    }

    @Test
    default void doesNotNeedTheLastBlank() {
        assertEquals(packet(BODY), packet(BODY.stripTrailing()));
        assertEquals(packet(BODY), packet(BODY + "\r"));
        assertEquals(packet(BODY), packet(BODY.stripTrailing() + "\r"));
    }
}
