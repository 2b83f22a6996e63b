"""Renders GlobalNetworkPolicies for ingress at host endpoints, before DNAT (mangle) and before connection tracking
(raw), as Felix does: chains for iptables-restore or nft, sets for ipset or nft. Only IPv4.

After Calico v3.31.7, felix/rules: static.go (order within PREROUTING, failsafe ports), dispatch.go (interfaces; the last
rule of "*" takes all others, lo and those of pods too), endpoints.go (chain of an endpoint), policy.go (rules); selectors
become sets as in libcalico-go's updateprocessors/rules.go and felix/calc/rule_scanner.go. Without the filter table: none
of these policies is there, and host endpoints are taken to have a profile that allows what is left. What isn't rendered
here is an error, not ignored.
"""
import hashlib
import re
import shlex

ACCEPT, PASS, SCRATCH0, SCRATCH1, DROP = (0x10000 << bit for bit in range(5))
FAILSAFE_IN = "tcp 22, udp 68, tcp 179, tcp 2379, tcp 2380, tcp 5473, tcp 6443, tcp 6666, tcp 6667".split(", ")
FAILSAFE_OUT = "udp 53, udp 67, tcp 179, tcp 2379, tcp 2380, tcp 5473, tcp 6443, tcp 6666, tcp 6667".split(", ")
PORT_SLOTS = 15  # the limit of a multiport match

SPEC = {"tier", "order", "selector", "applyOnForward", "preDNAT", "doNotTrack", "types", "ingress"}
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
    """Address sets by the selectors that define them."""

    def __init__(self, owners):
        self.owners = owners  # pairs of labels and addresses: endpoints of hosts and pods, and network sets
        self.selectors = {}

    def name(self, *selectors):
        """The name of a set; it depends only on the set's selectors."""
        name = "cali40s-" + hashlib.sha256("\n".join(selectors).encode()).hexdigest()[:16]
        self.selectors[name] = selectors
        return name

    def members(self):
        """Addresses by the sets' names."""
        members = {}
        for name, selectors in self.selectors.items():
            # Pairs of a predicate and its wanted result; "!!" marks a selector that must not match.
            wanted = [(selector(text.removeprefix("!!")), not text.startswith("!!")) for text in selectors]
            members[name] = {
                address
                for labels, addresses in self.owners
                if all(select(labels) == outcome for select, outcome in wanted)
                for address in addresses
            }
        return members


def ipset_lines(before, members):
    """Input for ipset restore that changes the sets' members from the first to the second. Removed sets stay."""
    lines = [f"create {name} hash:net family inet maxelem 1048576" for name in members if name not in before]
    for name, now in members.items():
        lines += [f"add {name} {address}" for address in sorted(now - before.get(name, set()))]
        lines += [f"del {name} {address}" for address in sorted(before.get(name, set()) - now)]
    return lines


def side_matches(side, flag, direction, sets):
    """The matches for one side of a rule: sets and ports."""
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
    """The iptables rules of one policy rule; several if it has more nets than one rule can have."""
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


def chains_of(table, policies, host_endpoints, sets):
    """Rules by chain, in the words of iptables: host endpoints of one node, policies of one stage in order."""
    chains = {"PREROUTING": ["-j cali-PREROUTING"], "cali-PREROUTING": prerouting(table), "cali-failsafe-in": failsafe(table)}
    dispatch = chains["cali-from-host-endpoint"] = []
    # Named interfaces come first; "*" matches the others.
    for endpoint in sorted(host_endpoints, key=lambda each: each["interface"] == "*"):
        applied = [policy for policy in policies if selector(policy["spec"]["selector"])(endpoint["labels"])]
        if not applied or (table == "raw" and endpoint["interface"] == "*"):
            continue
        interface = "any-interface-at-all" if endpoint["interface"] == "*" else endpoint["interface"]
        dispatch.append(("" if endpoint["interface"] == "*" else f"-i {interface} ") + f"-g cali-fh-{interface}")
        chains[f"cali-fh-{interface}"] = endpoint_chain(table, [f"cali-pi-{each['order']}" for each in applied])
    for policy in policies:
        chains[f"cali-pi-{policy['order']}"] = [
            f'-m comment --comment "{policy["metadata"]["name"]}" {line}'
            for rule in policy["spec"].get("ingress", [])
            for line in rule_lines(rule, sets)
        ]
    return chains


def iptables_lines(tables):
    """Input for iptables-restore, from tables by name, each with its chains."""
    lines = []
    for table, chains in tables.items():
        lines += [f"*{table}"] + [f":{chain} {'ACCEPT' if chain == 'PREROUTING' else '-'}" for chain in chains]
        lines += [f"-A {chain} {rule}" for chain, rules in chains.items() for rule in rules]
        lines.append("COMMIT")
    return lines


def compiled(policies, host_endpoints, sets):
    """Chains by table, on a node with these host endpoints."""
    stages = {"mangle": [], "raw": []}
    for policy in sorted(policies, key=lambda each: (each["spec"].get("order", float("inf")), each["metadata"]["name"])):
        spec = policy["spec"]
        known(policy["metadata"]["name"], SPEC, spec)
        if spec.get("tier", "default") != "default":
            raise ValueError(f"tier {spec['tier']} is not rendered here")
        stage = {(True, False): "mangle", (False, True): "raw"}[bool(spec.get("preDNAT")), bool(spec.get("doNotTrack"))]
        stages[stage].append({**policy, "order": len(stages["mangle"]) + len(stages["raw"])})
    return {table: chains_of(table, these, host_endpoints, sets) for table, these in stages.items()}


# nftables: the same rules in nft's syntax, because Felix renders the same rules for both.


def nft_rule(rule):
    """Translates a rule from the iptables options that are used here."""
    words = shlex.split(rule)
    match, action, comment, no = [], "", "", ""
    while words:
        word = words.pop(0)
        if word == "!":
            no = "!= "
            continue
        if word == "-m":
            module = words.pop(0)
            if module not in ("comment", "set", "multiport", "mark", "conntrack"):
                raise ValueError(f"rule {rule!r}: -m {module}")
            continue
        value = words.pop(0)
        if word == "--comment":
            comment = f' comment "{value}"'
        elif word == "-p":
            match.append(f"meta l4proto {value}")
        elif word in ("-s", "-d"):
            match.append(f"ip {'saddr' if word == '-s' else 'daddr'} {no}{value}")
        elif word == "-i":
            match.append(f'iifname "{value.replace("+", "*")}"')
        elif word == "--match-set":
            match.append(f"ip {words.pop(0).replace('src', 'saddr').replace('dst', 'daddr')} {no}@{value}")
        elif word in ("--source-ports", "--destination-ports"):
            match.append(f"th {'sport' if 'source' in word else 'dport'} {no}{{ {value.replace(':', '-').replace(',', ', ')} }}")
        elif word == "--mark":
            mark, mask = value.split("/")
            match.append(f"meta mark & {mask} == {mark}")
        elif word == "--ctstate":
            match.append(f"ct state {value.lower()}")
        elif word == "-g":
            action = f"goto {value}"
        elif word == "-j" and value == "MARK":
            words.pop(0)
            mark, mask = (int(each, 16) for each in words.pop(0).split("/"))
            action = f"meta mark set meta mark & {~mask & 0xFFFFFFFF:#x} | {mark:#x}"
        elif word == "-j" and value == "LOG":
            prefix = words[words.index("--log-prefix") + 1]
            words.clear()
            action = f'log prefix "{prefix}" level info'
        elif word == "-j":
            action = value.lower() if value in ("ACCEPT", "DROP", "RETURN", "NOTRACK") else f"jump {value}"
        else:
            raise ValueError(f"rule {rule!r}: {word}")
        no = ""
    return f"{' '.join(match)} counter {action}{comment}"


NFT_TABLE = "ip calico"


def nft_lines(tables, members):
    """Input for nft -f that replaces everything."""
    lines = [f"table {NFT_TABLE}", f"delete table {NFT_TABLE}", f"table {NFT_TABLE} {{"]
    for name, addresses in members.items():
        elements = f" elements = {{ {', '.join(sorted(addresses))} }}" if addresses else ""
        lines.append(f"set {name} {{ type ipv4_addr; flags interval;{elements}\n}}")
    for table, chains in tables.items():
        for chain, rules in chains.items():
            lines.append(f"chain {table}-{chain} {{")
            if chain == "PREROUTING":
                lines.append(f"type filter hook prerouting priority {table}; policy accept;")
            lines += [re.sub(r"\b(jump|goto) ", rf"\1 {table}-", nft_rule(rule)) for rule in rules]
            lines.append("}")
    return [*lines, "}"]


def nft_changes(before, members):
    """Input for nft -f that changes the members of the same sets from the first to the second."""
    lines = []
    for name, now in members.items():
        for verb, addresses in (("add", now - before[name]), ("delete", before[name] - now)):
            if addresses:
                lines.append(f"{verb} element {NFT_TABLE} {name} {{ {', '.join(sorted(addresses))} }}")
    return lines
