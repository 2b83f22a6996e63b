# See make_lines. Load balancers have addresses from 198.18.0.1 on, sources from 20.0.0.0 on. With heavy=PACKETS, each
# packet has a source of its own. In addition, 20 sources from 198.51.100.1 on send PACKETS, 2 × PACKETS and so on to
# each load balancer, evenly spread.
function octets(prefix, number) {
    return prefix "." int(number / 65536) % 256 "." int(number / 256) % 256 "." number % 256
}
function line(source, nlb) {
    print head source " DST=" address[nlb] " LEN=52 TOS=0x00 PREC=0x00 TTL=117 ID=" i % 65536 \
        " DF PROTO=TCP SPT=" 1024 + i % 60000 " DPT=" port[i % 4] " WINDOW=64240 RES=0x00 SYN URGP=0 "
}
BEGIN {
    head = now ".000000+00:00 worker-1 kernel: [158271.044316] calico-packet: IN=eth1 OUT= " \
        "MAC=06:b2:1e:5d:30:43:00:00:5e:00:01:0a:08:00 SRC="
    split("443 22 80 8080", port, " "); port[0] = 23
    for (n = 0; n < nlbs; n++) address[n] = octets("198", 18 * 65536 + 1 + n)
    visits = int(lines / nlbs / 20)
    for (i = 0; i < lines; i++) {
        if (int((packets_due += percent) / 100) == packets) {
            print now ".000000+00:00 worker-1 systemd[1]: Started session-" i ".scope - Session " i " of user root."
            continue
        }
        nlb = packets % nlbs
        turn = int(packets / nlbs)
        line(octets("20", heavy ? packets : turn % sources), nlb)
        packets++
        if (heavy) {
            j = turn % 20 + 1
            visit = int(turn / 20)
            if (visit < visits && int((visit + 1) * heavy * j / visits) > int(visit * heavy * j / visits)) line("198.51.100." j, nlb)
        }
    }
}
