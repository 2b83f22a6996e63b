package io.denywatch.simulate;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

/** Lines of a node's log that are not packet lines of Calico, although some look similar. */
final class NoiseLines {
    /** The lines; {@code #} stands for a number. */
    private static final byte[][] LINES = Stream.of(
                    " worker-1 systemd[1]: Started session-#.scope - Session # of User root.",
                    " worker-1 CRON[#]: (root) CMD (test -x /usr/sbin/anacron || run-parts /etc/cron.hourly)",
                    " worker-1 kubelet[#]: I1123 10:00:00.000000 # prober.go:107] \"Probe failed\" probeType=\"Readiness\"",
                    " worker-1 sshd[#]: Invalid user admin from 198.51.100.7 port #",
                    " worker-1 containerd[#]: time=\"2026-11-23T10:00:00Z\" level=info msg=\"RemoveContainer returns\"",
                    " worker-1 kernel: IPv6: ADDRCONF(NETDEV_CHANGE): cali#: link becomes ready",
                    " worker-1 kernel: [UFW BLOCK] IN=eth0 OUT= MAC=06:5f:1c:9a:30:43:00:00:5e:00:01:0a:08:00"
                            + " SRC=198.51.100.9 DST=10.176.48.67 LEN=40 TOS=0x00 PREC=0x00 TTL=240 ID=#"
                            + " PROTO=TCP SPT=# DPT=23 WINDOW=1024 RES=0x00 SYN URGP=0 ",
                    " worker-1 calico-node[#]: felix/int_dataplane.go 1955: Finished applying updates msecToApply=#.5")
            .map(text -> text.getBytes(StandardCharsets.US_ASCII))
            .toArray(byte[][]::new);

    private NoiseLines() {}

    /** Writes one of the lines, without the newline. */
    static void write(LineBuffer line, long noise, long unixMicros) {
        line.time(unixMicros);
        for (byte b : LINES[(int) (noise & 0x7)]) {
            if (b == '#') {
                line.decimal(noise >>> 8 & 0xffff);
            } else {
                line.character((char) b);
            }
        }
    }
}
