"""Types on a terminal that `denywatch top` runs on, and reads what it shows; see scripts/e2e-top.

usage: drive.py DENYWATCH PORT1 PORT2 PID2
"""
import json
import os
import re
import signal
import sys
import time
import urllib.request

from terminal import Terminal, check


def api(port, path):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
        return json.load(answer)


def packets(ports):
    """Sums by load balancer, over all agents."""
    sums = {}
    for port in ports:
        for nlb in api(port, "/api/v1/nlbs")["nlbs"]:
            sums[nlb["nlb"]] = sums.get(nlb["nlb"], 0) + nlb["packets"]
    return {nlb: count for nlb, count in sums.items() if count > 0}


def rows(frame):
    """What the table of load balancers shows: packets by address."""
    found = {}
    for line in frame:
        match = re.match(r"[1-9> ] ([0-9a-f.:]+|other) +(?:-|[<0-9.,]+) +([0-9,]+) ", line)
        if match:
            found[match[1]] = int(match[2].replace(",", ""))
    return found


def main():
    denywatch, *ports, second = sys.argv[1:]
    command = [denywatch, "top", "--every", "1s"]
    for port in ports:
        command += ["--url", f"http://127.0.0.1:{port}"]
    expected = packets(ports)

    terminal = Terminal(command, 40, 120)
    terminal.until("both agents answer", lambda frame: "2 of 2 agents answer" in frame[0])
    print(f"first figures after {time.monotonic() - terminal.started:.2f} s")
    terminal.until("packets of each load balancer are the sums of the API", lambda frame: rows(frame) == expected)
    terminal.until("the top source is that of the API", lambda frame: top_source(frame, ports))
    check(not any("WARNING" in line for line in terminal.frame()), "nothing is on the screen that does not belong there")
    terminal.until("rates are measured", lambda frame: any(line.startswith("Quiet") for line in frame))

    terminal.type("s")
    terminal.until("s sorts by the next column", lambda frame: any("*PACKETS" in line for line in frame))
    descending = sorted(expected.values(), reverse=True)
    terminal.until("the most packets come first", lambda frame: list(rows(frame).values()) == descending)
    terminal.type("\x1b[D\x1b[D")
    terminal.until("arrows sort, too", lambda frame: any("*LOAD BALANCER" in line for line in frame))
    terminal.type("\x1b[C")

    terminal.resize(20, 60)
    terminal.until("a smaller terminal shows less", lambda frame: 5 < len(frame) <= 20 and all(len(l) <= 60 for l in frame) and rows(frame))
    terminal.resize(40, 120)
    terminal.until("a larger one shows all again", lambda frame: rows(frame) == expected)

    terminal.type("2")
    terminal.until("a digit shows one load balancer alone", lambda frame: len(rows(frame)) == 1 and not any("Asking" in l for l in frame))
    terminal.type("\x1b")
    terminal.until("Esc shows all again", lambda frame: rows(frame) == expected)
    terminal.type("?")
    terminal.until("? explains the keys", lambda frame: any("show or hide this help" in line for line in frame))
    terminal.type("?")

    os.kill(int(second), signal.SIGTERM)
    terminal.until("a dead agent is stale, and named", lambda frame: any(l.startswith("STALE worker-2") for l in frame))
    terminal.until("what it counted is still there", lambda frame: "1 of 2 agents answer" in frame[0] and rows(frame) == expected)
    terminal.type("q")
    terminal.ended("q")

    check(re.search(r"\x1b\[1m", terminal.sent), "there are colours")
    for what, end, environment in (
        ("Ctrl-C", lambda t: t.type("\x03"), {"NO_COLOR": "1"}),
        ("SIGTERM", lambda t: os.kill(t.pid, signal.SIGTERM), {}),
        ("SIGINT", lambda t: os.kill(t.pid, signal.SIGINT), {}),
    ):
        terminal = Terminal(command, 24, 80, **environment)
        terminal.until(f"it runs again, for {what}", lambda frame: "agents answer" in frame[0])
        end(terminal)
        terminal.ended(what)
        if environment:
            check(not re.search(r"\x1b\[[0-9;]*m", terminal.sent), "NO_COLOR: there are none")


def top_source(frame, ports):
    """Whether the noisiest source of a load balancer on one node is shown, with at least its packets there."""
    nlb = max(api(ports[0], "/api/v1/nlbs")["nlbs"], key=lambda nlb: nlb["packets"])["nlb"]
    noisiest = api(ports[0], f"/api/v1/sources?nlb={nlb}")["sources"][0]
    for line in frame:
        match = re.match(re.escape(noisiest["source"]) + r" +(?:>=)?([0-9,]+)", line)
        if match:
            return int(match[1].replace(",", "")) >= noisiest["packets"]
    return False


main()
