# Packets and bytes of each pair of load balancer and source; prints lines, packet lines, packets, bytes and pairs.
index($0, " calico-packet: IN=") {
    repeat = 1
    if (i = index($0, " kernel: message repeated ")) repeat = substr($0, i + 26, 6) + 0
    i = index($0, " SRC=")
    split(substr($0, i + 5, 100), field, " ")
    source = field[1]
    if (index(source, ":")) source = substr(source, 1, 19)
    pair = field[2] " " source
    packets[pair] += repeat
    length_of = substr(field[3], 5)
    bytes[pair] += repeat * length_of
    packet_lines++
}
END {
    for (pair in packets) { pairs++; all += packets[pair]; sum += bytes[pair] }
    printf "%d %d %.0f %.0f %d\n", NR, packet_lines, all, sum, pairs
}
