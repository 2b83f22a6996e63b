"""Measures the time from the packet that reaches the threshold to the first dropped packet, and the steps in between.

usage: timings.py NAMESPACE NLB PORT NETWORK ATTACKERS THRESHOLD LOG APPLIED DECISIONS

ATTACKERS addresses of a network (/24) send datagrams to a load balancer: THRESHOLD at once, then one every 2 ms until
the kernel's rules contain the blocklist. Each has a source port of its own, so the kernel's lines show which were
logged; the one after the last of these is the first that was dropped. LOG is the file that the agent reads, APPLIED the output of
scripts/policies/standin, DECISIONS that of the agent. Prints a table in milliseconds, and last a line: sent, logged.
"""
import ctypes
import datetime
import json
import os
import random
import re
import socket
import struct
import sys
import time

namespace, nlb, port, network, attackers, threshold, log, applied, decisions = sys.argv[1:]
attackers, threshold = int(attackers), int(threshold)
FIRST_PORT, PACE, LATE, LONG = 10_000, 0.002, 0.03, 30
CLONE_NEWNET = 0x40000000
LINE = re.compile(rb"calico-packet: .* SRC=(\S+) .* SPT=(\d+) ")


class Attacker:
    def __init__(self, address, start):
        self.address, self.next = address, start
        self.sent = []  # times
        self.logged = 0
        self.line = self.written = self.decided = self.received = self.applied = None

    def send(self, wire, now):
        source_port = FIRST_PORT + len(self.sent)
        datagram = struct.pack("!HHHH", source_port, int(port), 8, 0)
        addresses = socket.inet_aton(self.address) + socket.inet_aton(nlb)
        header = struct.pack("!BBHHHBBH", 0x45, 0, 28, 0, 0, 64, socket.IPPROTO_UDP, 0)
        self.sent.append(time.time())
        wire.sendto(header + addresses + datagram, (nlb, 0))
        self.next = now + (PACE if len(self.sent) >= threshold else 0)

    @property
    def done(self):
        return self.applied is not None and bool(self.sent) and self.sent[-1] > self.applied + LATE


class Tail:
    """Complete lines that are added to a file from now on."""

    def __init__(self, path):
        self.file = open(path, "rb")
        self.file.seek(0, os.SEEK_END)
        self.rest = b""

    def lines(self):
        *lines, self.rest = (self.rest + self.file.read()).split(b"\n")
        return lines


class Records:
    """The kernel's own log from now on: (microseconds of its clock, text)."""

    def __init__(self):
        self.file = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.file, 0, os.SEEK_END)

    def read(self):
        while True:
            try:
                head, text = os.read(self.file, 8192).split(b";", 1)
            except BlockingIOError:
                return
            yield int(head.split(b",")[2]), text


def wire():
    """A socket in the attackers' namespace."""
    own, other = (os.open(path, os.O_RDONLY) for path in ("/proc/self/ns/net", f"/run/netns/{namespace}"))
    libc = ctypes.CDLL(None)
    libc.setns(other, CLONE_NEWNET)
    made = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    libc.setns(own, CLONE_NEWNET)
    return made


def percentile(percent, values):
    values = sorted(values)
    return values[int((len(values) - 1) * percent / 100 + 0.5)]


def main():
    out, records = wire(), Records()
    written, rules, told = Tail(log), Tail(applied), Tail(decisions)
    begin = time.monotonic()
    start, all_of_them = begin, {}
    for n in range(1, attackers + 1):
        address = network.rsplit(".", 1)[0] + f".{n}"
        all_of_them[address] = Attacker(address, start)
        start += random.uniform(0.05, 0.55)  # at any moment of an agent's second
    offset = float("inf")  # difference between the kernel's clock and the time of day
    ends = None
    while ends is None or time.monotonic() < ends:
        now = time.monotonic()
        for each in all_of_them.values():
            while now >= each.next and not each.done:
                each.send(out, now)
        for micros, text in records.read():
            offset = min(offset, time.time() - micros / 1e6)
            match = LINE.search(text)
            each = match and all_of_them.get(match[1].decode())
            if each:
                each.logged += 1
                if int(match[2]) - FIRST_PORT == threshold - 1:
                    each.line = micros / 1e6
        for line in written.lines():
            match = LINE.search(line)
            each = match and all_of_them.get(match[1].decode())
            if each and int(match[2]) - FIRST_PORT == threshold - 1:
                each.written = time.time()
        for line in rules.lines():
            received, there, *changes = line.decode().split()
            for change in changes:
                each = all_of_them.get(change[1:]) if change[0] == "+" else None
                if each:
                    each.received, each.applied = int(received) / 1e6, int(there) / 1e6
        for line in told.lines():
            if b'{"time"' in line:
                decision = json.loads(line[line.index(b"{") :])
                each = all_of_them.get(decision["source"])
                if each and decision["decision"] == "blocked":
                    each.decided = datetime.datetime.fromisoformat(decision["time"]).timestamp()
        if ends is None and all(each.done for each in all_of_them.values()):
            ends = now + 1
        if now > start + LONG:
            sys.exit(f"not blocked: {', '.join(a for a, each in all_of_them.items() if not each.done)}")
        time.sleep(0.0005)
    parts = {
        "packet to the kernel's line": lambda each: each.line + offset - each.sent[threshold - 1],
        "to the line in the log": lambda each: each.written - each.line - offset,
        "to the agent's decision": lambda each: each.decided - each.written,
        "to the set in the API, watched": lambda each: each.received - each.decided,
        "to the set in the kernel": lambda each: each.applied - each.received,
        "to the first dropped packet": lambda each: each.sent[each.logged] - each.applied,
        "in all": lambda each: each.sent[each.logged] - each.sent[threshold - 1],
    }
    print(f"{attackers} attackers, in ms{'':18} p50     p99     max")
    for name, part in parts.items():
        millis = [part(each) * 1000 for each in all_of_them.values()]
        print(f"{name:38}" + "".join(f"{value:8.1f}" for value in (percentile(50, millis), percentile(99, millis), max(millis))))
    print(sum(len(each.sent) for each in all_of_them.values()), sum(each.logged for each in all_of_them.values()))


main()
