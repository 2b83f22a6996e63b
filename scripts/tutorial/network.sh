# Client, attacker and web server, in network namespaces of their own around that of a node.
# shellcheck shell=bash disable=SC2034,SC2154

nlb=203.0.113.10 worker_address=192.0.2.11 node_port=31024
client=198.51.100.10 attacker=198.51.100.66
attackers_net=198.51.101.0/24 # further attackers, in the attacker's namespace
web=172.30.0.2 # not a pod's: the server is a process of this machine
prefix=dw-tutorial-$$-
namespaces='internet client attacker web'

inside() { ip netns exec "$prefix$1" "${@:2}"; } # NAMESPACE COMMAND...

# join NAMESPACE INTERFACE OTHER OTHER_INTERFACE: connects two namespaces.
join() {
    ip -n "$prefix$1" link add "$2" type veth peer name "$4" netns "$prefix$3" || return 1
    ip -n "$prefix$1" link set "$2" up
    ip -n "$prefix$3" link set "$4" up
}

make_network() {
    local name
    ip netns attach "${prefix}worker" "$(pid_in worker-1)" || return 1
    for name in $namespaces; do
        ip netns add "$prefix$name" && ip -n "$prefix$name" link set lo up || return 1
    done
    join internet client client eth0 && join internet attacker attacker eth0 && join internet worker worker eth1 &&
        join worker caliweb web eth0 || return 1
    inside internet sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
    for name in client attacker; do
        ip -n "$prefix$name" addr add "${!name}/32" dev eth0
        ip -n "$prefix$name" route add 198.51.100.1 dev eth0
        ip -n "$prefix$name" route add default via 198.51.100.1
        ip -n "${prefix}internet" addr add 198.51.100.1/32 dev "$name"
        ip -n "${prefix}internet" route add "${!name}" dev "$name"
    done
    ip -n "${prefix}internet" route add "$attackers_net" via "$attacker" dev attacker onlink
    ip -n "${prefix}internet" addr add 192.0.2.1/24 dev worker
    ip -n "${prefix}internet" route add "$nlb" via "$worker_address"
    ip -n "${prefix}worker" addr add "$worker_address/24" dev eth1
    ip -n "${prefix}worker" addr add "$nlb/32" dev eth1 # as keepalived puts it there
    ip -n "${prefix}worker" route add 198.51.100.0/23 via 192.0.2.1
    ip -n "${prefix}worker" addr add 169.254.1.1/32 dev caliweb
    ip -n "${prefix}worker" route add "$web" dev caliweb
    ip -n "${prefix}web" addr add "$web/32" dev eth0
    ip -n "${prefix}web" route add 169.254.1.1 dev eth0
    ip -n "${prefix}web" route add default via 169.254.1.1
}

remove_network() {
    local name
    ip -n "${prefix}worker" link del caliweb 2>/dev/null || true
    ip netns del "${prefix}worker" 2>/dev/null || true # its name
    for name in $namespaces; do ip netns del "$prefix$name" 2>/dev/null || true; done
}

# serve_web: answers with the address that the request came from.
serve_web() {
    inside web python3 -c '
import http.server
class Echo(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"client_address=%s\n" % self.client_address[0].encode())
http.server.ThreadingHTTPServer(("0.0.0.0", 8080), Echo).serve_forever()' >"$work/web.out" 2>&1 &
}

# What the tutorial's reader does with curl -----------------------------------------------------------------------------

connect_seconds=1

# reaches WHO URL: whether there is a response; it goes to $work/answer.
reaches() { inside "$1" curl -sS --noproxy '*' --connect-timeout "$connect_seconds" --max-time 10 "http://$2/" >"$work/answer" 2>"$work/curl.err"; }

# times_out WHO URL: whether the connection times out, rather than fails in another way.
times_out() {
    local code=0
    reaches "$1" "$2" || code=$?
    [ "$code" = 28 ]
}
