"""What happens to each kind of packet under the policies that `denywatch policies` prints; see scripts/e2e-policies.

usage: cases.py PREFIX DENYWATCH

Each packet goes through the kernels of network namespaces; see world.py. The expected result is one of:
  in       it arrives, is answered, and no policy drops or logs a packet of it
  logged   a policy drops it, and each dropped packet has one line in the log
  silent   a policy drops it, and no line is written
"""
import collections
import itertools
import json
import subprocess
import sys
import tempfile

import yaml

from world import (
    ALLOWED, BLOCKED, BLOCKED_ALLOWED, BLOCKED_EXEMPT, CLUSTER_IP, HEALTH_PORT, LB, PODS, PROVIDER, PUBLIC, SERVER, SERVICES,
    UNKNOWN, KernelLog, World, run,
)

IN, LOGGED, SILENT = "in", "logged", "silent"
P1, P1B, P2 = (PODS[pod][1] for pod in ("p1", "p1b", "p2"))
NODE_PORTS = ["--nodeports", "30000:32767"]
ALLOW_ONLY = ["--allow", f"{ALLOWED},{BLOCKED_ALLOWED}"]
ALLOW = [*ALLOW_ONLY, "--never-block", BLOCKED_EXEMPT]
EXACT = ["--nlb", f"{LB}:443/tcp,{LB}:444/tcp,{LB}:31443/tcp,{LB}:53/udp,{LB}:9132/sctp", *ALLOW]
WHOLE_LB = ["--nlb", f"{LB},{LB}:9132/sctp"]
WHOLE = [*WHOLE_LB, *ALLOW]
EXEMPT = ["--never-block", f"{ALLOWED},{BLOCKED_ALLOWED},{BLOCKED_EXEMPT}"]
IBM_PUBLIC = ["--selector", "ibm.role == 'worker_public'", "--node-net", "0.0.0.0/0"]
FIRST_PORT = 20001  # source port of the first client connection; each has its own, outside the range of node ports
FIRST_NODE_PORT = 31700  # the same for connections whose source ports are within the range
FROM_NODE_PORT = "node to Internet, from a node port"

Case = collections.namedtuple("Case", "name sender source destination port protocol expected")
Column = collections.namedtuple("Column", "title platform endpoints arguments")

COLUMNS = [
    Column("IBM auto", "ibm", "automatic", [*EXACT, *NODE_PORTS]),
    Column("IBM named", "ibm", "named", [*EXACT, *IBM_PUBLIC]),
    Column("AWS auto", "aws", "automatic", EXEMPT),
    Column("AWS named", "aws", "named", EXEMPT),
    Column("proxy auto", "proxy", "automatic", [*NODE_PORTS, "--allow-nodeports", PROVIDER, *EXEMPT]),
    Column("proxy named", "proxy", "named", [*NODE_PORTS, "--allow-nodeports", PROVIDER, *EXEMPT]),
    Column("metal auto", "metal", "automatic", [*WHOLE, *NODE_PORTS]),
    Column("metal named", "metal", "named", [*WHOLE, *NODE_PORTS]),
    Column("metal nets", "metal", "unaddressed", [*WHOLE, *NODE_PORTS, "--node-net", ",".join(PUBLIC.values())]),
    Column("metal logged", "metal", "named", [*WHOLE, *NODE_PORTS, "--log-blocked"]),
    Column("metal XDP", "metal", "named", [*WHOLE_LB, *ALLOW_ONLY, *NODE_PORTS, "--xdp"]),
]

# A wrong rule for node ports: it matches any destination address.
UNBOUND_RULES = [{"protocol": protocol, "destination": {"ports": ["30000:32767"]}} for protocol in ("TCP", "UDP")]
UNBOUND = [
    {
        "metadata": {"name": name},
        "spec": {
            "order": order,
            "selector": "has(kubernetes.io/hostname) || ibm.role == 'worker_public'",
            "preDNAT": True,
            "ingress": [{"action": action, **rule} for rule in UNBOUND_RULES],
        },
    }
    for name, order, action in (("log", 790, "Log"), ("deny-nodeports", 1100, "Deny"))
]


def needed(world):
    """Connections that a cluster needs, which must never be dropped."""
    node, other = (world.internal[each] for each in ("n1", "n2"))
    for protocol in "tcp", "udp":
        yield f"pod to pod, same node, {protocol}", "p1", None, P1B, 31000, protocol
        yield f"pod to pod, other node, {protocol}", "p1", None, P2, 31000, protocol
        yield f"pod to Internet, {protocol}", "p1", None, SERVER, 31500, protocol
        yield f"node to itself, {protocol}", "n1", None, node, 31001, protocol  # as the kubelet probes hostNetwork pods
        yield f"node to node, {protocol}", "n1", None, other, 31001, protocol
        yield f"node to Internet, {protocol}", "n1", None, SERVER, 31500, protocol
        yield f"pod to its node, {protocol}", "p1", None, node, 31001, protocol
        yield f"pod to other node, {protocol}", "p1", None, other, 31001, protocol
    yield "node to itself, 127.0.0.1", "n1", None, "127.0.0.1", 31001, "tcp"
    yield "probe of a pod", "n1", None, P1, 31000, "tcp"
    yield "pod to cluster IP", "p1", None, CLUSTER_IP, 444, "tcp"
    yield "node to cluster IP", "n1", None, CLUSTER_IP, 444, "tcp"
    yield "node to own node port", "n1", None, node, 30443, "tcp"
    yield "node to other's node port", "n1", None, other, 30443, "tcp"
    yield "pod to own node port", "p1", None, node, 30443, "tcp"
    yield "pod to other's node port", "p1", None, other, 30443, "tcp"
    yield "node to other's public node port", "n1", None, PUBLIC["n2"], 30443, "tcp"
    yield "pod to other's public node port", "p1", None, PUBLIC["n2"], 30443, "tcp"


def provided(world):
    """Connections of load balancers that send to node ports."""
    if world.platform in ("aws", "proxy"):
        yield "health check of node port", "fabric", None, PUBLIC["n1"], 30443, "tcp"
        yield "health check port", "fabric", None, PUBLIC["n1"], HEALTH_PORT, "tcp"
        yield "load balancer to node port", "outside", UNKNOWN, LB, 443, "tcp"


def controls(world, endpoints):
    """Connections that the wrong rule cuts off: they show that the test would notice a cut-off."""
    for each in needed(world):
        name = each[0]
        if endpoints == "automatic":
            through = name.startswith("node to Internet") or name in ("probe of a pod", "node to own node port")
        elif world.platform == "ibm":
            through = "public" not in name
        else:
            through = not any(text in name for text in ("other", "node to node", "cluster IP"))
        yield Case(*each, IN if through else LOGGED)
    for each in provided(world):
        yield Case(*each, LOGGED)


def cases(world, column):
    """All cases of a column."""
    public = PUBLIC["n1"]
    at_nodes = world.platform in ("ibm", "metal")  # whether the load balancer's address belongs to a node
    xdp = "--xdp" in column.arguments
    silent = LOGGED if "--log-blocked" in column.arguments else SILENT
    for each in *needed(world), *provided(world):
        yield Case(*each, IN)
    # AWS sends to node ports from the clients' addresses: they must be open, and no policy sees the load balancer's.
    node_port = IN if world.platform == "aws" else LOGGED
    load_balancer = LOGGED if at_nodes else IN
    for protocol, port in ("tcp", 30443), ("udp", 30053), ("sctp", 30132):
        yield Case(f"client to node port, {protocol}", "outside", UNKNOWN, public, port, protocol, node_port)
    for protocol, port in ("tcp", 443), ("tcp", 444), ("tcp", 31443), ("udp", 53), ("sctp", 9132):
        text = f"load balancer {port}/{protocol}"
        yield Case(f"client to {text}", "outside", UNKNOWN, LB, port, protocol, load_balancer)
        yield Case(f"allowed to {text}", "outside", ALLOWED, LB, port, protocol, IN)
    yield Case("allowed to node port", "outside", ALLOWED, public, 30443, "tcp", node_port)
    yield Case("blocked to node port", "outside", BLOCKED, public, 30443, "tcp", silent)
    blocked = IN if world.platform == "proxy" else silent  # a proxy hides the client
    yield Case("blocked to load balancer", "outside", BLOCKED, LB, 443, "tcp", blocked)
    yield Case("blocked, allowed to load balancer", "outside", BLOCKED_ALLOWED, LB, 443, "tcp", SILENT if xdp else IN)
    yield Case("blocked, exempt to load balancer", "outside", BLOCKED_EXEMPT, LB, 443, "tcp", SILENT if xdp else load_balancer)
    if at_nodes:
        yield Case("client to node port of load balancer", "outside", UNKNOWN, LB, 30443, "tcp", LOGGED)
        yield Case("client to load balancer 6443, failsafe", "outside", UNKNOWN, LB, 6443, "tcp", IN)
        yield Case("client to load balancer 22, failsafe", "outside", UNKNOWN, LB, 22, "tcp", IN)
    if world.platform == "ibm":  # elsewhere the address is not the node's: its node ports aren't
        yield Case("allowed to node port of load balancer", "outside", ALLOWED, LB, 30443, "tcp", LOGGED)
    yield Case("client to node 22, failsafe", "outside", UNKNOWN, public, 22, "tcp", IN)
    yield Case("client to node 6443, failsafe", "outside", UNKNOWN, public, 6443, "tcp", IN)
    yield Case("pod to load balancer", "p1", None, LB, 443, "tcp", IN)
    yield Case("node to load balancer", "n1", None, LB, 443, "tcp", IN)
    for protocol, port in ("tcp", 443), ("udp", 53):
        yield Case(f"{FROM_NODE_PORT}, {protocol}", "n1", None, SERVER, port, protocol, IN)


class Run:
    """All columns, one after another."""

    def __init__(self, prefix, denywatch):
        self.prefix, self.denywatch = prefix, denywatch
        self.log = KernelLog()
        self.ports = itertools.count(FIRST_PORT)
        self.node_ports = itertools.count(FIRST_NODE_PORT)
        self.results = []  # title, case, source port, answer, packets dropped, numbers of its lines

    def columns(self):
        platforms = {}
        for column in COLUMNS:
            platforms.setdefault(column.platform, []).append(column)
        for platform, columns in platforms.items():
            with World(self.prefix, platform) as world:
                for column in columns:
                    text = run(self.denywatch, "policies", *column.arguments)
                    self.column(world, column.title, list(yaml.safe_load_all(text)), column.endpoints, list(cases(world, column)))
                for endpoints in "automatic", "named":
                    self.column(world, f"unbound {platform} {endpoints}", UNBOUND, endpoints, list(controls(world, endpoints)))

    def column(self, world, title, policies, endpoints, these):
        world.apply(policies, endpoints)
        for case in these:
            port = next(self.node_ports if case.name.startswith(FROM_NODE_PORT) else self.ports)
            first = len(self.log.lines)
            answer, dropped = world.send(case.sender, case.source, port, case.destination, case.port, case.protocol)
            self.log.drain()
            self.results.append((title, case, port, answer, dropped, range(first, len(self.log.lines))))

    def packets(self):
        """The lines as denywatch parses them."""
        with tempfile.NamedTemporaryFile("w", suffix=".log") as file:
            file.write("".join(f"{line}\n" for line in self.log.lines))
            file.flush()
            parsed = subprocess.run([self.denywatch, "parse", file.name], capture_output=True, text=True, check=True).stdout
        packets = [json.loads(line) for line in parsed.splitlines()]
        if len(packets) != len(self.log.lines):
            raise RuntimeError(f"denywatch parse understands {len(packets)} of {len(self.log.lines)} lines")
        return packets


def is_of(packet, case, port):
    """Whether a line belongs to a case's connection. The kernel writes SCTP as a number and without ports."""
    protocol = {"TCP": "tcp", "UDP": "udp", "132": "sctp"}.get(packet["proto"])
    return (protocol, packet.get("spt", port)) == (case.protocol, port)


def answers(case):
    """The port that should respond; for a Service, that of the backend."""
    if case.destination in (LB, CLUSTER_IP) or 30000 <= case.port:
        for protocol, port, node_port, pod_port in SERVICES:
            if protocol == case.protocol and case.port in (port, node_port):
                return pod_port
    return case.port


def verdict(case, answer, dropped, lines):
    """"in", "logged", "silent", or a description of what happened instead."""
    if answer == str(answers(case)) and dropped == lines == 0:
        return IN
    if answer == "dropped" and dropped > 0 and lines in (0, dropped):
        return LOGGED if lines else SILENT
    return f"{answer}, {dropped} dropped, {lines} lines"


def main():
    prefix, denywatch = sys.argv[1:]
    attempt = Run(prefix, denywatch)
    attempt.columns()
    packets = attempt.packets()
    titles = [column.title for column in COLUMNS]
    table, wrong, cut_off = {}, [], collections.Counter()
    for title, case, port, answer, dropped, lines in attempt.results:
        outcome = verdict(case, answer, dropped, sum(is_of(packets[line], case, port) for line in lines))
        cut_off[title] += outcome == LOGGED
        if title in titles:
            table.setdefault(case.name, {})[title] = outcome if outcome == case.expected else f"{outcome}!"
        if outcome != case.expected:
            wrong.append(f"{title}: {case.name}: {outcome}, expected: {case.expected}")
    print(f"{'':38}" + "".join(f" {title:11}" for title in titles))
    for name, outcomes in table.items():
        row = f"{name:38}" + "".join(f" {outcomes.get(title, '-'):11}" for title in titles)
        print(row.rstrip())
    controls = [f"{title.removeprefix('unbound ')} {count}" for title, count in cut_off.items() if title not in titles]
    print(f"cut off by a rule for node ports at any address: {', '.join(controls)}")
    for each in wrong:
        print(each)
    print(f"e2e-policies: {len(attempt.results)} connections, {len(attempt.log.lines)} lines, {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
