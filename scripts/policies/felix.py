"""What Felix makes of GlobalNetworkPolicies that apply to packets coming in at host endpoints before DNAT (mangle) and
before connection tracking (raw): chains for iptables-restore, sets for ipset. IPv4, iptables data plane.

After Calico v3.31.7, felix/rules: static.go (order within PREROUTING, failsafe ports), dispatch.go (interfaces; the last
rule of "*" takes all others, lo and those of pods too), endpoints.go (chain of an endpoint), policy.go (rules); selectors
become sets as in libcalico-go's updateprocessors/rules.go and felix/calc/rule_scanner.go. Without the filter table: none
of these policies is there, and host endpoints are taken to have a profile that allows what is left. What isn't rendered
here is an error, not ignored.
"""
import re

ACCEPT, PASS, SCRATCH0, SCRATCH1, DROP = (0x10000 << bit for bit in range(5))
FAILSAFE_IN = "tcp 22, udp 68, tcp 179, tcp 2379, tcp 2380, tcp 5473, tcp 6443, tcp 6666, tcp 6667".split(", ")
FAILSAFE_OUT = "udp 53, udp 67, tcp 179, tcp 2379, tcp 2380, tcp 5473, tcp 6443, tcp 6666, tcp 6667".split(", ")
PORT_SLOTS = 15  # of a multiport match

SPEC = {"order", "selector", "applyOnForward", "preDNAT", "doNotTrack", "types", "ingress"}
RULE = {"action", "ipVersion", "protocol", "source", "destination"}
SIDE = {"nets", "notNets", "selector", "notSelector", "namespaceSelector", "ports", "notPorts"}
TOKEN = re.compile(r"""\s*(?:(&&|\|\||==|!=|[!(){},])|"([^"]*)"|'([^']*)'|([A-Za-z0-9_./-]+))""")


def selector(text):
    """A predicate over labels."""
    tokens = []
    position = 0
    while position < len(text.rstrip()):
        match = TOKEN.match(text, position)
        if not match:
            raise ValueError(f"selector {text!r} at {position}")
        symbol, double, single, word = match.groups()
        tokens.append(symbol or word or ("text", double if double is not None else single))
        position = match.end()
    tokens.append(None)

    def take(*expected):
        token = tokens.pop(0)
        if expected and token not in expected:
            raise ValueError(f"selector {text!r}: {token} where {expected} should be")
        return token

    def either():
        parts = [both()]
        while tokens[0] == "||":
            take()
            parts.append(both())
        return lambda labels: any(part(labels) for part in parts)

    def both():
        parts = [one()]
        while tokens[0] == "&&":
            take()
            parts.append(one())
        return lambda labels: all(part(labels) for part in parts)

    def one():
        token = take()
        if token == "!":
            inner = one()
            return lambda labels: not inner(labels)
        if token == "(":
            inner = either()
            take(")")
            return inner
        if token in ("all", "global", "has") and tokens[0] == "(":
            take("(")
            label = take() if token == "has" else None
            take(")")
            return {
                "all": lambda labels: True,
                "global": lambda labels: "projectcalico.org/namespace" not in labels,
                "has": lambda labels: label in labels,
            }[token]
        operator = take("==", "!=", "in", "not")
        if operator in ("==", "!="):
            value = take()[1]
            return lambda labels: (labels.get(token) == value) == (operator == "==")
        if operator == "not":
            take("in")
        take("{")
        values = []
        while tokens[0] != "}":
            values.append(take()[1])
            take(",") if tokens[0] == "," else None
        take("}")
        return lambda labels: (labels.get(token) in values) == (operator == "in")

    predicate = either()
    take(None)
    return predicate


def known(what, keys, fields):
    unknown = set(fields) - keys
    if unknown:
        raise ValueError(f"{what}: {', '.join(sorted(unknown))} is not rendered here")


def set_mark(value, mask=None):
    return f"-j MARK --set-xmark {value:#x}/{mask or value:#x}"


def marked(value, mask=None):
    return f"-m mark --mark {value:#x}/{mask or value:#x}"


class Sets:
    """Address sets by what selects them."""

    def __init__(self, owners):
        self.owners = owners  # pairs of labels and addresses: endpoints of hosts and pods, and network sets
        self.names = {}

    def name(self, *selectors):
        return self.names.setdefault(selectors, f"cali40s-{len(self.names)}")

    def restore(self):
        lines = []
        for selectors, name in self.names.items():
            lines.append(f"create {name} hash:net family inet")
            # What is to be selected at the front; "!" stands before what is not.
            wanted = [(selector(text.removeprefix("!!")), not text.startswith("!!")) for text in selectors]
            addresses = {
                address
                for labels, addresses in self.owners
                if all(select(labels) == outcome for select, outcome in wanted)
                for address in addresses
            }
            lines += [f"add {name} {address}" for address in sorted(addresses)]
        return "\n".join(lines) + "\n"


def side_matches(side, flag, direction, sets):
    """What fits into one rule: sets and ports."""
    known(direction, SIDE, side)
    match = []
    positive = [side[key] for key in ("namespaceSelector", "selector") if side.get(key)]
    negative = side.get("notSelector")
    if positive:
        name = sets.name(*positive, *(["!!" + negative] if negative else []))
        match.append(f"-m set --match-set {name} {direction}")
    elif negative:
        match.append(f"-m set ! --match-set {sets.name(negative)} {direction}")
    for key, no in ("ports", ""), ("notPorts", "! "):
        ports = [str(port) for port in side.get(key, [])]
        if sum(2 if ":" in port else 1 for port in ports) > PORT_SLOTS or not all(port.replace(":", "").isdigit() for port in ports):
            raise ValueError(f"ports {ports} are not rendered here")
        if ports:
            match.append(f"-m multiport {no}--{flag}-ports {','.join(ports)}")
    return match


def rule_lines(rule, sets):
    """The rules of one policy rule; several where it has more nets than iptables takes in one."""
    known("rule", RULE, rule)
    if rule.get("ipVersion", 4) != 4:
        return []
    match = [f"-p {str(rule['protocol']).lower()}"] if "protocol" in rule else []
    blocks = []
    positives = 0
    rest = []
    sides = [(rule.get("source", {}), "-s", "source", "src"), (rule.get("destination", {}), "-d", "destination", "dst")]
    single = {}
    for side, option, flag, direction in sides:
        nets = [net for net in side.get("nets", []) if ":" not in net]
        if side.get("nets") and not nets:
            return []
        if len(nets) > 1:
            mark = SCRATCH1 if positives else SCRATCH0
            blocks += [f"{option} {net} {set_mark(mark)}" for net in nets]
            if positives:
                blocks.append(f"{marked(0, SCRATCH1)} {set_mark(0, SCRATCH0)}")
            positives += 1
        single[option] = nets if len(nets) == 1 else []
        rest += side_matches(side, flag, direction, sets)
    for side, option, flag, direction in sides:
        nets = [net for net in side.get("notNets", []) if ":" not in net]
        if side.get("notNets") and (not nets or "0.0.0.0/0" in nets):
            return []
        if len(single[option]) + len(nets) > 1:
            blocks += [f"{option} {net} {set_mark(0, SCRATCH0)}" for net in nets]
            nets = []
        match += [f"{option} {net}" for net in single[option]] + [f"! {option} {net}" for net in nets]
    if blocks:
        blocks.insert(0, set_mark(0 if positives else SCRATCH0, SCRATCH0 | SCRATCH1))
        rest.append(marked(SCRATCH0))
    match = " ".join(match + rest)
    action = rule["action"]
    if action == "Log":
        return [*blocks, f'{match} -j LOG --log-prefix "calico-packet: " --log-level 5']
    mark, verdict = {"Allow": (ACCEPT, "RETURN"), "Pass": (PASS, "RETURN"), "Deny": (DROP, "DROP")}[action]
    return [*blocks, f"{match} {set_mark(mark)}", f"{marked(mark)} -j {verdict}"]


def failsafe(table):
    lines = [f"-p {each.replace(' ', ' -m multiport --destination-ports ')} -j ACCEPT" for each in FAILSAFE_IN]
    if table == "raw":
        lines += [f"-p {each.replace(' ', ' -m multiport --source-ports ')} -j ACCEPT" for each in FAILSAFE_OUT]
    return lines


def endpoint_chain(table, policy_chains):
    established = "-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT"
    lines = [] if table == "raw" else [established, "-m conntrack --ctstate INVALID -j DROP"]
    lines += ["-j cali-failsafe-in", set_mark(0, ACCEPT | PASS), set_mark(0, PASS)]
    for chain in policy_chains:
        lines.append(f"{marked(0, PASS)} -j {chain}")
        if table == "raw":
            lines.append(f"{marked(ACCEPT)} -j NOTRACK")
        lines.append(f"{marked(ACCEPT)} -j RETURN")
    return lines


def prerouting(table):
    dispatch = "-j cali-from-host-endpoint"
    accepted = f"{marked(ACCEPT)} -j ACCEPT"
    if table == "mangle":
        return ["-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", accepted, dispatch, accepted]
    every = ACCEPT | PASS | SCRATCH0 | SCRATCH1 | DROP
    return [set_mark(0, every), f"-i cali+ {set_mark(SCRATCH0)}", f"{marked(0, SCRATCH0)} {dispatch}", accepted]


def table_lines(table, policies, host_endpoints, sets):
    """One table for iptables-restore: host endpoints of one node, policies of one stage in order."""
    chains = {"PREROUTING": ["-j cali-PREROUTING"], "cali-PREROUTING": prerouting(table), "cali-failsafe-in": failsafe(table)}
    dispatch = chains["cali-from-host-endpoint"] = []
    # Those of an interface come first; "*" takes what they leave.
    for endpoint in sorted(host_endpoints, key=lambda each: each["interface"] == "*"):
        applied = [policy for policy in policies if selector(policy["spec"]["selector"])(endpoint["labels"])]
        if not applied or (table == "raw" and endpoint["interface"] == "*"):
            continue
        interface = "any-interface-at-all" if endpoint["interface"] == "*" else endpoint["interface"]
        dispatch.append(("" if endpoint["interface"] == "*" else f"-i {interface} ") + f"-g cali-fh-{interface}")
        chains[f"cali-fh-{interface}"] = endpoint_chain(table, [f"cali-pi-{each['order']}" for each in applied])
    for policy in policies:
        chains[f"cali-pi-{policy['order']}"] = [
            line for rule in policy["spec"].get("ingress", []) for line in rule_lines(rule, sets)
        ]
    lines = [f"*{table}"] + [f":{chain} {'ACCEPT' if chain == 'PREROUTING' else '-'}" for chain in chains]
    lines += [f"-A {chain} {rule}" for chain, rules in chains.items() for rule in rules]
    return [*lines, "COMMIT"]


def render(policies, host_endpoints, owners):
    """Texts for ipset restore and iptables-restore on a node with these host endpoints."""
    sets = Sets(owners)
    stages = {"mangle": [], "raw": []}
    for policy in sorted(policies, key=lambda each: (each["spec"].get("order", float("inf")), each["metadata"]["name"])):
        spec = policy["spec"]
        known(policy["metadata"]["name"], SPEC, spec)
        stage = {(True, False): "mangle", (False, True): "raw"}[bool(spec.get("preDNAT")), bool(spec.get("doNotTrack"))]
        stages[stage].append({**policy, "order": len(stages["mangle"]) + len(stages["raw"])})
    tables = [line for table, these in stages.items() for line in table_lines(table, these, host_endpoints, sets)]
    return sets.restore(), "\n".join(tables) + "\n"
