{{/* What each policy denies, and to whom: the sentences of "denywatch policies", with which tests compare them. */}}

{{- define "denywatch.blocklistHeader" -}}
{{- if .Values.blocklist.policy.xdp -}}
# Blocks every packet of the sources on the blocklist, before connection tracking:
# established connections end, and no allowlist before DNAT comes first.
# One rule with nothing but a source selector: network cards with a driver for XDP drop
# these packets (IPv4, iptables data plane). A Log rule before it would prevent this,
# and so would exemptions: everything in the sets is blocked.
# Calico ignores it at host endpoints with interfaceName "*", which include all automatic ones.
{{- else -}}
# Blocks new connections of the sources on the blocklist; established ones continue.
{{ if .Values.blocklist.policy.logBlocked -}}
# Logs each packet that it blocks, once. Agents count these packets with blocklist.countBlocked: true.
{{ else -}}
# What it blocks is not logged: it comes before {{ .Values.policies.names.logDeniedPackets }}.
{{ end -}}
# Sources in notNets are never blocked, whatever the sets contain.
{{- end -}}
{{- end }}

{{- define "denywatch.allowlistHeader" -}}
{{- $where := list -}}
{{- if .Values.policies.allow }}{{ $where = append $where "load balancers" }}{{ end -}}
{{- if .Values.policies.allowNodePorts }}{{ $where = append $where "node ports" }}{{ end -}}
# Denies nothing. Allows the sources below to reach the {{ join " and " $where }} below: no later policy sees their packets.
{{- end }}

{{- define "denywatch.logHeader" -}}
{{- $names := list -}}
{{- if .Values.policies.loadBalancers }}{{ $names = append $names .Values.policies.names.denyLb }}{{ end -}}
{{- if .Values.policies.denyNodePorts }}{{ $names = append $names .Values.policies.names.denyNodePorts }}{{ end -}}
# Denies nothing. Logs each packet that {{ join " or " $names }} denies, once. Allow nothing between order
# 790 and theirs, or a line no longer means that a packet was denied.
{{- end }}

{{- define "denywatch.denyLbHeader" -}}
{{- $all := list }}{{ $protocols := list -}}
{{- range .Values.policies.loadBalancers }}{{ $all = concat $all (include "denywatch.loadBalancer" . | fromJson).protocols }}{{ end -}}
{{- range list "TCP" "UDP" "SCTP" }}{{ if has . $all }}{{ $protocols = append $protocols . }}{{ end }}{{ end -}}
# Denies new connections ({{ join ", " $protocols }}) to the load balancers below, on the ports below, to all but {{ include "denywatch.notDenied" (list . .Values.policies.allow) }}.
{{ include "denywatch.nodesHeader" . }}
{{- if hasPrefix "discovered" (first .Values.policies.loadBalancers) }}
# The load balancers are those in the network sets of the agents (loadBalancers.publish: true). As long as these are empty, nothing is denied.
{{- end -}}
{{- $open := list -}}
{{- range $failsafe := include "denywatch.failsafe" . | fromJsonArray -}}
  {{- $at := false -}}
  {{- range $.Values.policies.loadBalancers -}}
    {{- $one := include "denywatch.loadBalancer" . | fromJson -}}
    {{- if and (has $failsafe.protocol $one.protocols) (or (eq (int $one.port) 0) (eq (int $one.port) (int $failsafe.port))) }}{{ $at = true }}{{ end -}}
  {{- end -}}
  {{- if $at }}{{ $open = append $open $failsafe }}{{ end -}}
{{- end -}}
{{- include "denywatch.stillOpen" (list "load balancers" $open) -}}
{{- end }}

{{- define "denywatch.denyNodePortsHeader" -}}
{{- $nodePorts := splitList "," .Values.policies.nodePorts -}}
# Denies new connections (TCP, UDP, SCTP) to ports {{ join ", " $nodePorts }} {{ with .Values.policies.nodeNets }}at {{ include "denywatch.netTexts" . }}{{ else }}of nodes{{ end }}{{ if .Values.policies.loadBalancers }} and of load balancers{{ end }} to all but {{ include "denywatch.notDenied" (list . .Values.policies.allowNodePorts) }}.
{{ include "denywatch.nodesHeader" . }}
# Node ports stay open at other addresses. Load balancers and health checks from outside that send to these ports are cut off as well.
{{- $open := list -}}
{{- range $failsafe := include "denywatch.failsafe" . | fromJsonArray -}}
  {{- if include "denywatch.isNodePort" (list $ $failsafe.port) }}{{ $open = append $open $failsafe }}{{ end -}}
{{- end -}}
{{- include "denywatch.stillOpen" (list "nodes" $open) -}}
{{- end }}

{{- define "denywatch.nodesHeader" -}}
{{- $named := list -}}
{{- range .Values.policies.nodeNets }}{{ if not (has . (list "0.0.0.0/0" "::/0")) }}{{ $named = append $named . }}{{ end }}{{ end -}}
# Nodes have the addresses in expectedIPs of the selected host endpoints{{ with $named }} and in {{ include "denywatch.netTexts" . }}{{ end }}. Only packets that enter by the interfaces of these endpoints are seen.
{{- end }}

{{/* Takes blocks; separates them with commas and quotes them where YAML requires it. */}}
{{- define "denywatch.netTexts" -}}
{{- $texts := list -}}
{{- range . }}{{ $block := include "denywatch.block" . }}{{ $texts = append $texts (ternary (quote $block) $block (contains "::" $block)) }}{{ end -}}
{{- join ", " $texts -}}
{{- end }}

{{/* Takes root and the allowed sources. */}}
{{- define "denywatch.notDenied" -}}
{{- if index . 1 }}pods, nodes and the sources of {{ (index . 0).Values.policies.names.allowlist }}{{ else }}pods and nodes: no policy printed here allows a source{{ end -}}
{{- end }}

{{/* Takes where, and failsafe ports. */}}
{{- define "denywatch.stillOpen" -}}
{{- $open := list -}}
{{- range index . 1 }}{{ $open = append $open (printf "%s %d" .protocol (int .port)) }}{{ end -}}
{{- with $open }}
# Calico's failsafe ports come first. Open at the {{ index $ 0 }} all the same: {{ join ", " . }}.
{{- end -}}
{{- end }}

{{/* Felix accepts these before any policy, unless FelixConfiguration names others. */}}
{{- define "denywatch.failsafe" -}}
{{- $ports := list -}}
{{- range list 22 179 2379 2380 5473 6443 6666 6667 }}{{ $ports = append $ports (dict "protocol" "TCP" "port" .) }}{{ end -}}
{{- append $ports (dict "protocol" "UDP" "port" 68) | toJson -}}
{{- end }}
