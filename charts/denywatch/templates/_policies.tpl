{{/*
The policies that "denywatch policies" prints, rule by rule in the same order: tests compare the two. Rules travel between
templates as JSON.
*/}}

{{/* The API that Calico's objects of this release are written to. */}}
{{- define "denywatch.calicoApi" -}}
{{- dig "blocklist" "api" "projectcalico.org/v3" .Values.config }}
{{- end }}

{{/* Whether the blocking policy is installed; empty if not. */}}
{{- define "denywatch.blocklistPolicy" -}}
{{- $wanted := or (eq (include "denywatch.mode" .) "enforce") .Values.policies.enabled -}}
{{- if and $wanted .Values.blocklist.policy.create (eq (include "denywatch.calicoGroup" .) "projectcalico.org") }}true{{ end -}}
{{- end }}

{{/*
The rules of that policy: one for each IP version, because Calico refuses to mix their nets, and another one for the parts of
special ranges that may be blocked. With xdp, one rule without nets, because network cards cannot apply others. With
logBlocked, each after a rule that logs the same packets.
*/}}
{{- define "denywatch.blocklistRules" -}}
{{- $listed := dict "selector" "denywatch.io/blocklist == 'true'" "namespaceSelector" "global()" -}}
{{- $rules := list -}}
{{- if .Values.blocklist.policy.xdp -}}
  {{- $rules = list (dict "action" "Deny" "source" $listed) -}}
{{- else -}}
  {{- $always := include "denywatch.exemptAlways" . | fromJson -}}
  {{- $special := include "denywatch.exemptSpecial" . | fromJson -}}
  {{- $mayBlock := include "denywatch.mayBlock" . | fromJson -}}
  {{- range $version := list "4" "6" -}}
    {{- $exempt := get $always $version -}}
    {{- if not (or (has "0.0.0.0/0" $exempt) (has "::/0" $exempt)) -}}
      {{- with get $mayBlock $version -}}
        {{- $source := merge (dict "nets" .) $listed -}}
        {{- with $exempt }}{{ $_ := set $source "notNets" . }}{{ end -}}
        {{- $rules = append $rules (dict "action" "Deny" "ipVersion" (int $version) "source" $source) -}}
      {{- end -}}
      {{- $source := merge (dict "notNets" (concat $exempt (get $special $version) | uniq)) $listed -}}
      {{- $rules = append $rules (dict "action" "Deny" "ipVersion" (int $version) "source" $source) -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- if .Values.blocklist.policy.logBlocked -}}
  {{- if .Values.blocklist.policy.xdp }}{{ fail "blocklist.policy.logBlocked: true is not allowed with blocklist.policy.xdp; allowed: one of them, because network cards apply no policy with a Log rule" }}{{ end -}}
  {{- $pairs := list -}}
  {{- range $rules }}{{ $pairs = concat $pairs (list (merge (dict "action" "Log") .) .) }}{{ end -}}
  {{- $rules = $pairs -}}
{{- end -}}
{{- toJson $rules -}}
{{- end }}

{{/* Whether the manual set belongs to this release; empty if not. */}}
{{- define "denywatch.manualSet" -}}
{{- if and (eq (include "denywatch.mode" .) "enforce") .Values.blocklist.manualSet.create }}true{{ end -}}
{{- end }}

{{/*
IP, IP:PORT or IP:PORT/PROTOCOL as {block, version, port, protocols}; port 0 means all. With "discovered" in place of IP, block is
empty and version is 0. Refuses a port that does not exist: it
would keep Felix from reading any policy.
*/}}
{{- define "denywatch.loadBalancer" -}}
{{- $port := 0 }}{{ $protocols := list "TCP" "UDP" }}{{ $address := . -}}
{{- if or (hasPrefix "[" .) (eq (regexFindAll ":" . -1 | len) 1) -}}
  {{- $address = regexFind "^(\\[[^]]*\\]|[^:\\[\\]]*)" . | trimPrefix "[" | trimSuffix "]" -}}
  {{- with regexFind "\\]?:[0-9]+(/.*)?$" . -}}
    {{- $parts := splitList "/" (trimPrefix "]" . | trimPrefix ":") -}}
    {{- $port = atoi (index $parts 0) -}}
    {{- if or (lt $port 1) (gt $port 65535) }}{{ fail (printf "policies.loadBalancers: port %d of %q is not allowed; allowed: 1 to 65535" $port $) }}{{ end -}}
    {{- if eq (len $parts) 2 }}{{ $protocols = list (upper (index $parts 1)) }}{{ end -}}
  {{- end -}}
{{- end -}}
{{- if regexMatch "^(0|127|22[4-9]|2[3-5][0-9])[.]|^::1?$|^ff" $address }}{{ fail (printf "policies.loadBalancers: %q is not allowed; allowed: an address that packets from elsewhere can have as destination" $) }}{{ end -}}
{{- if eq $address "discovered" -}}
{{- dict "block" "" "version" 0 "port" $port "protocols" $protocols | toJson -}}
{{- else -}}
{{- include "denywatch.checkBlock" (list "policies.loadBalancers" $address "IP, IP:PORT or IP:PORT/PROTOCOL, an IPv6 address with a port in brackets") -}}
{{- dict "block" (include "denywatch.block" $address) "version" (ternary 6 4 (contains ":" $address)) "port" $port "protocols" $protocols | toJson -}}
{{- end -}}
{{- end }}

{{/*
Refuses a selector if one of its alternatives requires no label: network sets, even those of the blocklist, would count as nodes. A
selector for which this is hard to determine is refused too.
*/}}
{{- define "denywatch.checkSelector" -}}
{{- $plain := regexReplaceAll "'[^']*'|\"[^\"]*\"" . "''" -}}
{{- $denied := regexReplaceAll "!\\s*has\\([^)]*\\)|[^\\s()!&|]+\\s*!=\\s*''|[^\\s()!&|]+\\s+not\\s+in\\s*\\{[^}]*\\}" $plain "" -}}
{{- $asks := and (not (contains "!" $denied)) (eq (regexFindAll "[(]" $plain -1 | len) (regexFindAll "[)]" $plain -1 | len)) -}}
{{- range splitList "||" $denied }}{{ if not (regexMatch "has\\([^)]|==|\\sin\\s*\\{|\\s(contains|starts|ends)\\s" .) }}{{ $asks = false }}{{ end }}{{ end -}}
{{- if not $asks }}{{ fail (printf "policies.selector: %s is not allowed; allowed: one that requires a label of host endpoints, such as has(kubernetes.io/hostname)" .) }}{{ end -}}
{{- end }}

{{/* Refuses ports out of range, and ranges that end before they begin. */}}
{{- define "denywatch.checkNodePorts" -}}
{{- range splitList "," . -}}
  {{- $ends := splitList ":" . }}{{ $last := last $ends | atoi -}}
  {{- if or (gt (first $ends | atoi) $last) (gt $last 65535) }}{{ fail (printf "policies.nodePorts: %q is not allowed; allowed: FIRST:LAST, from 1 to 65535, as in 30000:32767" .) }}{{ end -}}
{{- end -}}
{{- end }}

{{/* The selector of nodes: of the host endpoints that the policies apply to. */}}
{{- define "denywatch.nodes" -}}
{{- printf "(%s) && !has(projectcalico.org/namespace)" .Values.policies.selector -}}
{{- end }}

{{/*
Matches of sources that are neither pods nor nodes, by the IP version of the rule's nets ("" if it has none). A node net that
contains all addresses is left out.
*/}}
{{- define "denywatch.others" -}}
{{- $nets := include "denywatch.byVersion" .Values.policies.nodeNets | fromJson -}}
{{- $all := dict -}}
{{- range $version := list "" "4" "6" -}}
  {{- $source := dict "notSelector" (printf "%s || has(projectcalico.org/orchestrator)" (include "denywatch.nodes" $)) -}}
  {{- with without (default list (get $nets $version)) "0.0.0.0/0" "::/0" }}{{ $_ := set $source "notNets" . }}{{ end -}}
  {{- $_ := set $all $version $source -}}
{{- end -}}
{{- toJson $all -}}
{{- end }}

{{/*
One rule for each IP version, protocol and port, with all load balancers that have it. Takes root, action and
sources: matches of rules, by IP version.
*/}}
{{- define "denywatch.loadBalancerRules" -}}
{{- $root := index . 0 }}{{ $action := index . 1 }}{{ $sources := index . 2 -}}
{{- $all := list -}}
{{- range $root.Values.policies.loadBalancers }}{{ $all = append $all (include "denywatch.loadBalancer" . | fromJson) }}{{ end -}}
{{- $rules := list -}}
{{- range $version := list 4 6 -}}
  {{- $source := get $sources (toString $version) -}}
  {{- range $protocol := ternary (list "TCP" "UDP" "SCTP") list (not (empty $source)) -}}
    {{- $whole := list }}{{ $ports := list }}{{ $onPort := dict -}}
    {{- range $all -}}
      {{- if and (eq (int .version) $version) (has $protocol .protocols) -}}
        {{- if eq (int .port) 0 }}{{ $whole = append $whole .block -}}
        {{- else -}}
          {{- $key := printf "%05d" (int .port) -}}
          {{- $ports = append $ports $key -}}
          {{- $_ := set $onPort $key (append (default list (get $onPort $key)) .block) -}}
        {{- end -}}
      {{- end -}}
    {{- end -}}
    {{- $base := dict "action" $action "protocol" $protocol "source" $source -}}
    {{- with uniq $whole }}{{ $rules = append $rules (merge (dict "destination" (dict "nets" .)) $base) }}{{ end -}}
    {{- range $key := $ports | uniq | sortAlpha -}}
      {{- $nets := list -}}
      {{- range get $onPort $key | uniq }}{{ if not (has . $whole) }}{{ $nets = append $nets . }}{{ end }}{{ end -}}
      {{- if $nets }}{{ $rules = append $rules (merge (dict "destination" (dict "nets" $nets "ports" (list (atoi $key)))) $base) }}{{ end -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- $discovered := dict "selector" "denywatch.io/load-balancers == 'true'" "namespaceSelector" "global()" -}}
{{- range $version := list 4 6 -}}
  {{- $source := get $sources (toString $version) -}}
  {{- range $protocol := ternary (list "TCP" "UDP" "SCTP") list (not (empty $source)) -}}
    {{- $whole := false }}{{ $ports := list -}}
    {{- range $all -}}
      {{- if and (eq (int .version) 0) (has $protocol .protocols) -}}
        {{- if eq (int .port) 0 }}{{ $whole = true }}{{ else }}{{ $ports = append $ports (printf "%05d" (int .port)) }}{{ end -}}
      {{- end -}}
    {{- end -}}
    {{- $base := dict "action" $action "ipVersion" $version "protocol" $protocol "source" $source -}}
    {{- if $whole }}{{ $rules = append $rules (merge (dict "destination" $discovered) $base) -}}
    {{- else -}}
      {{- range $ports | uniq | sortAlpha }}{{ $rules = append $rules (merge (dict "destination" (merge (dict "ports" (list (atoi .))) $discovered)) $base) }}{{ end -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- toJson $rules -}}
{{- end }}

{{/* policies.nodePorts in the form of rules. */}}
{{- define "denywatch.nodePorts" -}}
{{- $ports := list -}}
{{- range splitList "," .Values.policies.nodePorts }}{{ if contains ":" . }}{{ $ports = append $ports . }}{{ else }}{{ $ports = append $ports (atoi .) }}{{ end }}{{ end -}}
{{- toJson $ports -}}
{{- end }}

{{/* Whether a port is a node port; empty if not. Takes root and port. */}}
{{- define "denywatch.isNodePort" -}}
{{- $port := int (index . 1) -}}
{{- $is := "" -}}
{{- range splitList "," (index . 0).Values.policies.nodePorts -}}
  {{- $ends := splitList ":" . }}{{ if and (le (int (first $ends)) $port) (le $port (int (last $ends))) }}{{ $is = "true" }}{{ end -}}
{{- end -}}
{{- $is -}}
{{- end }}

{{/* The given rules, restricted to what no rule for node ports matches. Takes root and rules. */}}
{{- define "denywatch.withoutNodePorts" -}}
{{- $root := index . 0 -}}
{{- $rules := list -}}
{{- range $rule := index . 1 -}}
  {{- $to := $rule.destination -}}
  {{- if not (hasKey $to "ports") -}}
    {{- $rules = append $rules (merge (dict "destination" (dict "nets" $to.nets "notPorts" (include "denywatch.nodePorts" $root | fromJsonArray))) (omit $rule "destination")) -}}
  {{- else if not (include "denywatch.isNodePort" (list $root (first $to.ports))) -}}
    {{- $rules = append $rules $rule -}}
  {{- end -}}
{{- end -}}
{{- toJson $rules -}}
{{- end }}

{{/*
Rules for each protocol: at the addresses of nodes, and at those of load balancers, because such an address may belong to a node, which
then answers on its node ports there too. Takes root, action, sources by the IP version of the rule's nets, and the versions to take.
*/}}
{{- define "denywatch.nodePortRules" -}}
{{- $root := index . 0 }}{{ $action := index . 1 }}{{ $sources := index . 2 }}{{ $versions := index . 3 -}}
{{- $nodes := include "denywatch.nodes" $root -}}
{{- $ports := include "denywatch.nodePorts" $root | fromJsonArray -}}
{{- $nodeNets := include "denywatch.byVersion" $root.Values.policies.nodeNets | fromJson -}}
{{- $matches := list -}}
{{- if not $root.Values.policies.nodeNets -}}
  {{- $matches = append $matches (dict "source" (first $versions | get $sources) "destination" (dict "selector" $nodes "ports" $ports)) -}}
{{- end -}}
{{- range $version := without $versions "" -}}
  {{- $nets := get $nodeNets $version -}}
  {{- if not (or (has "0.0.0.0/0" $nets) (has "::/0" $nets)) -}}
    {{- range $root.Values.policies.loadBalancers -}}
      {{- $one := include "denywatch.loadBalancer" . | fromJson -}}
      {{- if eq (int $one.version | toString) $version }}{{ $nets = append $nets $one.block | uniq }}{{ end -}}
    {{- end -}}
  {{- end -}}
  {{- if $nets -}}
    {{- $to := dict "nets" $nets "ports" $ports -}}
    {{- if not $root.Values.policies.nodeNets }}{{ $_ := set $to "notSelector" $nodes }}{{ end -}}
    {{- $matches = append $matches (dict "source" (get $sources $version) "destination" $to) -}}
  {{- end -}}
{{- end -}}
{{- $rules := list -}}
{{- range $match := $matches -}}
  {{- range list "TCP" "UDP" "SCTP" }}{{ $rules = append $rules (merge (dict "action" $action "protocol" .) $match) }}{{ end -}}
{{- end -}}
{{- toJson $rules -}}
{{- end }}

{{/* Refuses sources of an IP version that no destination has. Takes the setting, its sources by IP version, a name for the destinations, and their IP versions. */}}
{{- define "denywatch.checkVersions" -}}
{{- $whose := index . 2 }}{{ $there := index . 3 }}{{ $setting := index . 0 -}}
{{- range $version, $nets := index . 1 -}}
  {{- if and $nets (not (has $version $there)) }}{{ fail (printf "%s: %s is not allowed; allowed: IPv%s, as all %s are" $setting (first $nets) (join " and IPv" $there) $whose) }}{{ end -}}
{{- end -}}
{{- end }}

{{/* All policies of policies.enabled, in the order of their evaluation, each {name, order, rules, header}. */}}
{{- define "denywatch.policies" -}}
{{- include "denywatch.checkBlocks" . -}}
{{- $values := .Values.policies -}}
{{- $names := $values.names -}}
{{- if lt (append (values $names) .Values.blocklist.policy.name | uniq | len) 5 }}{{ fail (printf "policies.names: %s are not allowed with blocklist.policy.name %s; allowed: one name for each policy" (values $names | sortAlpha | join ", ") .Values.blocklist.policy.name) }}{{ end -}}
{{- $policies := list -}}
{{- include "denywatch.checkSelector" $values.selector -}}
{{- include "denywatch.checkNodePorts" $values.nodePorts -}}
{{- if and $values.allow (not $values.loadBalancers) }}{{ fail "policies.allow: is of no use without policies.loadBalancers, because it only allows sources to reach these" }}{{ end -}}
{{- if and $values.allowNodePorts (not $values.denyNodePorts) }}{{ fail "policies.allowNodePorts: is of no use without policies.denyNodePorts" }}{{ end -}}
{{- if not (or $values.loadBalancers $values.denyNodePorts) }}{{ fail "policies: neither loadBalancers nor denyNodePorts; allowed: one of them, or enabled: false" }}{{ end -}}
{{- $others := include "denywatch.others" . | fromJson -}}
{{- $allow := include "denywatch.byVersion" $values.allow | fromJson -}}
{{- $there := list -}}
{{- $discovered := 0 -}}
{{- range $values.loadBalancers -}}
  {{- $version := (include "denywatch.loadBalancer" . | fromJson).version | int | toString -}}
  {{- if eq $version "0" }}{{ $discovered = add1 $discovered }}{{ $there = concat $there (list "4" "6") }}{{ else }}{{ $there = append $there $version }}{{ end -}}
{{- end -}}
{{- if and $discovered (lt (int $discovered) (len $values.loadBalancers)) }}{{ fail "policies.loadBalancers: discovered is not allowed with addresses; allowed: without them, because it stands for all load balancers" }}{{ end -}}
{{- if and $discovered $values.denyNodePorts }}{{ fail "policies.loadBalancers: discovered is not allowed with policies.denyNodePorts; allowed: without it, because it covers the node ports of load balancers" }}{{ end -}}
{{- if and $discovered (not $.Values.discovery.publish) }}{{ fail "policies.loadBalancers: discovered is not allowed; allowed: with discovery.publish, because nothing is denied as long as no agent publishes the load balancers" }}{{ end -}}
{{- include "denywatch.checkVersions" (list "policies.allow" $allow "load balancers" (uniq $there)) -}}
{{- $allowNodePorts := include "denywatch.byVersion" $values.allowNodePorts | fromJson -}}
{{- with $values.nodeNets -}}
  {{- $there := list -}}
  {{- range . }}{{ $there = append $there (ternary "6" "4" (contains ":" .)) }}{{ end -}}
  {{- include "denywatch.checkVersions" (list "policies.allowNodePorts" $allowNodePorts "node nets" (uniq $there)) -}}
{{- end -}}
{{- $sources := dict -}}
{{- range $version, $nets := $allow }}{{ if $nets }}{{ $_ := set $sources $version (dict "nets" $nets) }}{{ end }}{{ end -}}
{{- $rules := include "denywatch.loadBalancerRules" (list . "Allow" $sources) | fromJsonArray -}}
{{- range $version := list "4" "6" -}}
  {{- with get $allowNodePorts $version }}{{ $rules = concat $rules (include "denywatch.nodePortRules" (list $ "Allow" (dict $version (dict "nets" .)) (list $version)) | fromJsonArray) }}{{ end -}}
{{- end -}}
{{- with $rules }}{{ $policies = append $policies (dict "name" $names.allowlist "order" 500 "rules" . "header" (include "denywatch.allowlistHeader" $)) }}{{ end -}}
{{- $denyLb := include "denywatch.loadBalancerRules" (list . "Deny" $others) | fromJsonArray -}}
{{- $denyNodePorts := list -}}
{{- $logged := $denyLb -}}
{{- if $values.denyNodePorts -}}
  {{- $denyNodePorts = include "denywatch.nodePortRules" (list . "Deny" $others (list "" "4" "6")) | fromJsonArray -}}
  {{- $logged = concat (include "denywatch.withoutNodePorts" (list . $denyLb) | fromJsonArray) $denyNodePorts -}}
{{- end -}}
{{- $logs := list -}}
{{- range $logged }}{{ $logs = append $logs (merge (dict "action" "Log") .) }}{{ end -}}
{{- $policies = append $policies (dict "name" $names.logDeniedPackets "order" 790 "rules" $logs "header" (include "denywatch.logHeader" .)) -}}
{{- with $denyLb }}{{ $policies = append $policies (dict "name" $names.denyLb "order" 800 "rules" . "header" (include "denywatch.denyLbHeader" $)) }}{{ end -}}
{{- with $denyNodePorts }}{{ $policies = append $policies (dict "name" $names.denyNodePorts "order" 1100 "rules" . "header" (include "denywatch.denyNodePortsHeader" $)) }}{{ end -}}
{{- toJson $policies -}}
{{- end }}
