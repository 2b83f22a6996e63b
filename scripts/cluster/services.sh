# Whom a packet was for, by name.
# shellcheck shell=bash disable=SC2034,SC2154,SC2317

# counted NUMBER LEAST TEXT...: the agent counts so many packets in a series with all of these labels, and not more.
counted() {
    wait_until 10 metric_reaches "$1" "$2" denywatch_denied_packets_total "${@:3}" || true
    expect "denied packets of ${*:3}" "$(metric "$1" denywatch_denied_packets_total "${@:3}")" -eq "$2"
}

new_case 20 fast 'services by name' 'exposed ports, a shared address, node ports, a host name alone'
services_by_name() {
    mode=off
    make_service web '[{"ip":"203.0.113.1"}]' 443 30443
    make_service mail '[{"ip":"203.0.113.2"}]' 25
    make_service news '[{"ip":"203.0.113.2"}]' 119
    make_service cloud '[{"hostname":"lb.example.com"}]' 80 30080
    start_agents 1
    packets 1 198.51.100.1 3 203.0.113.1 443
    counted 1 3 'nlb="203.0.113.1"' 'service_namespace="shop"' 'service_name="web"' 'port="443"'
    packets 1 198.51.100.1 4 203.0.113.1 22
    counted 1 4 'nlb="203.0.113.1"' 'service_name="web"' 'port="other"'
    packets 1 198.51.100.1 5 203.0.113.2 25
    counted 1 5 'nlb="203.0.113.2"' 'service_name="mail"' 'port="25"'
    packets 1 198.51.100.1 6 203.0.113.2 119
    counted 1 6 'nlb="203.0.113.2"' 'service_name="news"' 'port="119"'
    packets 1 198.51.100.1 7 203.0.113.2 22
    counted 1 7 'nlb="203.0.113.2"' 'service_namespace=""' 'service_name=""' 'port="other"'
    packets 1 198.51.100.1 8 "$(node_address 1)" 30443
    counted 1 8 'nlb="203.0.113.1"' 'service_name="web"' 'port="30443"'
    packets 1 198.51.100.1 9 "$(node_address 1)" 30080
    counted 1 9 'nlb="other"' 'service_namespace="shop"' 'service_name="cloud"' 'port="30080"'
    packets 1 198.51.100.1 10 "$(node_address 2)" 30443 # of another node: it is no node port here
    counted 1 10 'nlb="other"' 'service_name=""'
    counted 1 52 ''
}
