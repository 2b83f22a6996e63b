"""Network namespaces that simulate a cluster of two nodes and its surroundings, with real packets between them.

fabric is the router; outside is the Internet. Pods are behind cali* interfaces. Where the platform is aws or proxy, the fabric
is also the load balancer, and sends to node ports: from clients' addresses, or from its own. Nodes do what kube-proxy and Calico's natOutgoing do. On IBM, the nodes have a private interface eth0 and a public one,
eth1, and the load balancer's address is on a node, as keepalived puts it there; on bare metal it is routed to a node.
"""
import contextlib
import ctypes
import errno
import os
import select
import socket
import struct
import subprocess
import sys
import threading
import time

import felix

LB = "203.0.113.10"
CLUSTER_IP = "10.96.0.10"
UNKNOWN, ALLOWED, BLOCKED, BLOCKED_ALLOWED, BLOCKED_EXEMPT = (f"198.51.100.{last}" for last in (10, 20, 30, 40, 50))
SERVER = "198.51.100.200"
PROVIDER = "192.0.2.1"  # the fabric's own address in the nodes' network
PUBLIC = {"n1": "192.0.2.11", "n2": "192.0.2.12"}
PRIVATE = {"n1": "10.0.0.11", "n2": "10.0.0.12"}
PODS = {"p1": ("n1", "10.244.1.2"), "p1b": ("n1", "10.244.1.3"), "p2": ("n2", "10.244.2.2")}
POD_NETS = {"n1": "10.244.1.0/24", "n2": "10.244.2.0/24"}
BACKEND = PODS["p2"][1]
# By protocol: port of the load balancer and the cluster IP, node port or none, port of the pod.
SERVICES = [
    ("tcp", 443, 30443, 8443),
    ("tcp", 444, 30444, 31000),  # to pods that listen in the range of node ports
    ("tcp", 31443, 30445, 8443),  # itself in the range of node ports
    ("tcp", 6443, None, 8443),
    ("tcp", 22, None, 8443),
    ("udp", 53, 30053, 8053),
    ("sctp", 9132, 30132, 9132),
]
HEALTH_PORT = 32100
LISTENERS = {
    "p1": ["tcp 31000", "udp 31000"],
    "p1b": ["tcp 31000", "udp 31000"],
    "p2": ["tcp 31000", "udp 31000", "tcp 8443", "udp 8053", "sctp 0"],
    "n1": ["tcp 31001", "udp 31001", "tcp 22", "tcp 6443", f"tcp {HEALTH_PORT}"],
    "n2": ["tcp 31001", "udp 31001", "tcp 22"],
    "outside": ["tcp 31500", "udp 31500", "tcp 443", "udp 53"],
}
NAMESPACES = ["fabric", "outside", "n1", "n2", *PODS]
POD_LABELS = {"projectcalico.org/namespace": "default", "projectcalico.org/orchestrator": "k8s"}
LONG_SECONDS = 30  # ends what hangs
LOOK_SECONDS = 0.02
INCOMPLETE_LOG = 75  # as in scripts/lib.sh
IP_PKTINFO = 8
CLONE_NEWNET = 0x40000000
libc = ctypes.CDLL(None, use_errno=True)


def run(*command, text=None):
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}\n{text or ''}")
    return done.stdout


def sctp_init(source_port, port):
    """A valid SCTP INIT: with a wrong checksum, it would be dropped before any policy."""
    chunk = struct.pack("!BBHIIHHI", 1, 0, 20, 1, 65535, 1, 1, 1)
    crc = 0xFFFFFFFF
    for byte in struct.pack("!HHII", source_port, port, 0, 0) + chunk:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return struct.pack("!HHI", source_port, port, 0) + struct.pack("<I", crc ^ 0xFFFFFFFF) + chunk


class KernelLog:
    """Lines of LOG rules, from the kernel's own log, starting now."""

    def __init__(self):
        self.records = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)
        os.lseek(self.records, 0, os.SEEK_END)
        self.lines = []

    def drain(self):
        while True:
            try:
                record = os.read(self.records, 8192).decode()
            except BlockingIOError:
                return
            except BrokenPipeError:
                print("e2e-policies: the kernel overwrote records before they were read", file=sys.stderr)
                sys.exit(INCOMPLETE_LOG)
            text = record.split(";", 1)[1].split("\n", 1)[0]
            if text.startswith("calico-packet: "):
                stamp = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime())
                self.lines.append(f"{stamp} worker kernel: {text}")


class World:
    """One platform."""

    def __init__(self, prefix, platform):
        self.prefix, self.platform = prefix, platform
        self.public_interface = "eth1" if platform == "ibm" else "eth0"
        self.internal = PRIVATE if platform == "ibm" else PUBLIC
        self.handles, self.sockets, self.heard = {}, [], set()
        self.own = os.open("/proc/self/ns/net", os.O_RDONLY)
        self.stop, self.stopped = os.pipe()
        self.dropped = 0

    def __enter__(self):
        for name in NAMESPACES:
            run("ip", "netns", "add", self.prefix + name)
            self.handles[name] = os.open(f"/run/netns/{self.prefix}{name}", os.O_RDONLY)
            self.ip(name, "link set lo up")
        self.networks()
        self.pods()
        for node in PUBLIC:
            self.node_address_translation(node)
        for name, listeners in LISTENERS.items():
            for each in listeners:
                self.listen(name, *each.split())
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def __exit__(self, *_):
        os.close(self.stopped)
        if hasattr(self, "thread"):
            self.thread.join()
        for each in [self.own, self.stop, *self.handles.values()]:
            os.close(each)
        for each in self.sockets:
            each.close()
        for name in self.handles:
            run("ip", "netns", "del", self.prefix + name)

    @contextlib.contextmanager
    def inside(self, name):
        if libc.setns(self.handles[name], CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")
        try:
            yield
        finally:
            libc.setns(self.own, CLONE_NEWNET)

    def run(self, name, *command, text=None):
        with self.inside(name):
            return run(*command, text=text)

    def ip(self, name, *commands):
        for command in commands:
            run("ip", "-n", self.prefix + name, *command.split())

    def setting(self, name, key, value):
        with self.inside(name), open(f"/proc/sys/net/{key}", "w", encoding="ascii") as file:
            file.write(str(value))

    def link(self, name, interface, other, other_interface):
        self.ip(name, f"link add {interface} type veth peer name {other_interface} netns {self.prefix}{other}")
        self.ip(name, f"link set {interface} up")
        self.ip(other, f"link set {other_interface} up")

    def networks(self):
        self.link("fabric", "outside", "outside", "eth0")
        self.ip("fabric", "addr add 198.51.100.1/24 dev outside")
        for address in UNKNOWN, ALLOWED, BLOCKED, BLOCKED_ALLOWED, BLOCKED_EXEMPT, SERVER:
            self.ip("outside", f"addr add {address}/24 dev eth0")
        self.ip("outside", "route add default via 198.51.100.1")
        networks = {self.public_interface: (PUBLIC, PROVIDER)}
        if self.platform == "ibm":
            networks["eth0"] = (PRIVATE, "10.0.0.1")
        for interface, (addresses, router) in networks.items():
            self.ip("fabric", f"link add {interface} type bridge", f"addr add {router}/24 dev {interface}", f"link set {interface} up")
            for node, address in addresses.items():
                self.link(node, interface, "fabric", f"{node}{interface}")
                self.ip("fabric", f"link set {node}{interface} master {interface}")
                self.ip(node, f"addr add {address}/24 dev {interface}")
        for node in PUBLIC:
            self.ip(node, f"route add default via {PROVIDER} dev {self.public_interface}")
        for name in "fabric", *PUBLIC:
            self.setting(name, "ipv4/ip_forward", 1)
        if os.path.exists("/proc/sys/net/bridge"):
            self.setting("fabric", "bridge/bridge-nf-call-iptables", 0)  # it is a switch and a router, not both in one
        if self.platform == "ibm":
            self.ip("n1", f"addr add {LB}/32 dev eth1")
        if self.platform in ("aws", "proxy"):
            # Sends to node ports: a proxy from its own address, others from the client's, except what comes from nodes.
            self.ip("fabric", f"addr add {LB}/32 dev lo")
            rules = [
                f"-A PREROUTING -d {LB} -p {protocol} --dport {port} -j DNAT --to-destination {PUBLIC['n1']}:{node_port}"
                for protocol, port, node_port, _ in SERVICES
                if node_port
            ]
            whose = "" if self.platform == "proxy" else "-s 192.0.2.0/24"
            rules.append(f"-A POSTROUTING {whose} -m conntrack --ctstate DNAT -j MASQUERADE")
            self.run("fabric", "iptables-restore", text="\n".join(["*nat", *rules, "COMMIT"]) + "\n")
        else:
            self.ip("fabric", f"route add {LB}/32 via {PUBLIC['n1']}")

    def pods(self):
        for pod, (node, address) in PODS.items():
            self.link(node, f"cali{pod}", pod, "eth0")
            self.setting(node, f"ipv4/conf/cali{pod}/proxy_arp", 1)
            self.setting(node, f"ipv4/neigh/cali{pod}/proxy_delay", 0)
            self.ip(node, f"route add {address}/32 dev cali{pod}")
            self.ip(pod, f"addr add {address}/32 dev eth0", "route add 169.254.1.1 dev eth0", "route add default via 169.254.1.1")
        self.ip("n1", f"route add {POD_NETS['n2']} via {self.internal['n2']}")
        self.ip("n2", f"route add {POD_NETS['n1']} via {self.internal['n1']}")

    def node_address_translation(self, node):
        """As kube-proxy (iptables, externalTrafficPolicy Cluster) and Calico (natOutgoing) do."""
        pods = "10.244.0.0/16"
        rules = ["*nat"]
        rules += [f":{chain} -" for chain in ("SERVICES", "NODEPORTS", "POST")]
        rules += ["-A PREROUTING -j SERVICES", "-A OUTPUT -j SERVICES", "-A POSTROUTING -j POST"]
        for index, (protocol, port, node_port, pod_port) in enumerate(SERVICES):
            rules += [f":SVC{index} -", f":EXT{index} -"]
            to = f"-p {protocol} -m {protocol} --dport"
            rules.append(f"-A SERVICES -d {CLUSTER_IP} {to} {port} -j SVC{index}")
            if self.platform in ("ibm", "metal"):  # elsewhere it has a name and no address
                rules.append(f"-A SERVICES -d {LB} {to} {port} -j EXT{index}")
            if node_port:
                rules.append(f"-A NODEPORTS {to} {node_port} -j EXT{index}")
            rules.append(f"-A EXT{index} -j MARK --set-xmark 0x4000/0x4000")
            rules.append(f"-A EXT{index} -j SVC{index}")
            rules.append(f"-A SVC{index} -d {CLUSTER_IP} ! -s {pods} -j MARK --set-xmark 0x4000/0x4000")
            rules.append(f"-A SVC{index} -p {protocol} -j DNAT --to-destination {BACKEND}:{pod_port}")
        rules.append("-A SERVICES -m addrtype --dst-type LOCAL -j NODEPORTS")
        rules.append("-A POST -m mark --mark 0x4000/0x4000 -j MASQUERADE")
        rules.append(f"-A POST -s {pods} ! -d {pods} -j MASQUERADE")
        self.run(node, "iptables-restore", text="\n".join([*rules, "COMMIT"]) + "\n")

    # Policies -----------------------------------------------------------------------------------------------------

    def host_endpoints(self, kind):
        """By node: one automatic endpoint for all interfaces, or named ones for each, with or without their addresses."""
        endpoints = {}
        for node, public in PUBLIC.items():
            private = self.internal[node]
            labels = {"kubernetes.io/hostname": node}
            if kind == "automatic":
                labels["projectcalico.org/created-by"] = "calico-kube-controllers"
                endpoints[node] = [{"interface": "*", "labels": labels, "addresses": sorted({public, private})}]
            elif self.platform == "ibm":
                endpoints[node] = [
                    {"interface": "eth1", "labels": {"ibm.role": "worker_public"}, "addresses": [public]},
                    {"interface": "eth0", "labels": {"ibm.role": "worker_private"}, "addresses": [private]},
                ]
            else:
                endpoints[node] = [{"interface": "eth0", "labels": labels, "addresses": [public] if kind == "named" else []}]
        return endpoints

    def apply(self, policies, kind):
        """Replaces the policies in the nodes' tables."""
        endpoints = self.host_endpoints(kind)
        owners = [(each["labels"], each["addresses"]) for these in endpoints.values() for each in these]
        owners += [({**POD_LABELS, "app": pod}, [address]) for pod, (_, address) in PODS.items()]
        owners.append(({"denywatch.io/blocklist": "true"}, [BLOCKED, BLOCKED_ALLOWED, BLOCKED_EXEMPT]))
        for node, these in endpoints.items():
            sets = felix.Sets(owners)
            tables = felix.compiled(policies, these, sets)
            self.run(node, "iptables-restore", text="*mangle\nCOMMIT\n*raw\nCOMMIT\n")
            self.run(node, "ipset", "destroy")
            self.run(node, "ipset", "restore", text="\n".join(felix.ipset_lines({}, sets.members())) + "\n")
            self.run(node, "iptables-restore", text="\n".join(felix.iptables_lines(tables)) + "\n")
        self.dropped = self.drops()

    def drops(self):
        """Packets that any policy has dropped so far."""
        rules = "".join(self.run(node, "iptables-save", "-c") for node in PUBLIC)
        return sum(int(line[1 : line.index(":")]) for line in rules.splitlines() if line.endswith("-j DROP"))

    # Traffic ------------------------------------------------------------------------------------------------------

    def listen(self, name, protocol, port):
        with self.inside(name):
            kind = {"tcp": (socket.SOCK_STREAM, 0), "udp": (socket.SOCK_DGRAM, 0), "sctp": (socket.SOCK_RAW, 132)}[protocol]
            server = socket.socket(socket.AF_INET, *kind)
            if protocol != "sctp":
                server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                server.bind(("0.0.0.0", int(port)))
            if protocol == "tcp":
                server.listen(64)
            if protocol == "udp":
                server.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        self.sockets.append(server)

    def serve(self):
        """Answers with the port; SCTP, which the kernel need not know, is heard and gets no answer."""
        while True:
            ready, _, _ = select.select([self.stop, *self.sockets], [], [])
            for server in ready:
                if server == self.stop:
                    return
                if server.type == socket.SOCK_STREAM:
                    client, _ = server.accept()
                    client.sendall(b"%d" % server.getsockname()[1])
                    client.close()
                elif server.type == socket.SOCK_DGRAM:
                    _, where, _, client = server.recvmsg(100, 100)
                    # From the address that the request went to, through any interface.
                    where = [(level, kind, bytes(4) + value[4:]) for level, kind, value in where]
                    server.sendmsg([b"%d" % server.getsockname()[1]], where, 0, client)
                else:
                    packet = server.recv(1000)
                    header = (packet[0] & 15) * 4
                    self.heard.add(struct.unpack_from("!H", packet, header)[0])

    def send(self, name, source, source_port, destination, port, protocol):
        """Opens a connection and waits for its outcome: (the port that responded, or "dropped", and the number of
        packets that policies dropped)."""
        before = self.dropped
        kind = {"tcp": (socket.SOCK_STREAM, 0), "udp": (socket.SOCK_DGRAM, 0), "sctp": (socket.SOCK_RAW, 132)}[protocol]
        with self.inside(name):
            client = socket.socket(socket.AF_INET, *kind)
        with client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            client.bind((source or "0.0.0.0", 0 if protocol == "sctp" else source_port))
            client.setblocking(False)
            code = client.connect_ex((destination, 0 if protocol == "sctp" else port))
            if code not in (0, errno.EINPROGRESS):
                raise OSError(code, f"{name} to {destination}:{port}")
            if protocol != "tcp":
                client.send(sctp_init(source_port, port) if protocol == "sctp" else b"x")
            outcome = self.outcome(client, source_port, protocol, before)
        self.dropped = self.drops()
        return outcome, self.dropped - before

    def outcome(self, client, source_port, protocol, before):
        deadline = time.monotonic() + LONG_SECONDS
        while time.monotonic() < deadline:
            if select.select([client], [], [], LOOK_SECONDS)[0] and protocol != "sctp":
                try:
                    return client.recv(100).decode()
                except OSError as e:
                    return e.strerror
            if source_port in self.heard:
                return "9132"
            if self.drops() > before:
                return "dropped"
        return "lost"
