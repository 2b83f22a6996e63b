{{/*
The policies that "denywatch policies" prints, rule by rule in the same order: tests compare the two. Rules travel between
templates as JSON.
*/}}

{{/* The API that Calico's objects of this release are written to. */}}
{{- define "denywatch.calicoApi" -}}
{{- dig "blocklist" "api" "projectcalico.org/v3" .Values.config }}
{{- end }}

{{/* Whether the policy that blocks is installed; empty if not. */}}
{{- define "denywatch.blocklistPolicy" -}}
{{- $wanted := or (eq (include "denywatch.mode" .) "enforce") .Values.policies.enabled -}}
{{- if and $wanted .Values.blocklist.policy.create (eq (include "denywatch.calicoGroup" .) "projectcalico.org") }}true{{ end -}}
{{- end }}

{{/*
The rules of that policy: one for each IP version, because Calico refuses to mix their nets, and another one for the parts of
special ranges that may be blocked. Network cards take none with nets.
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
{{- toJson $rules -}}
{{- end }}

{{/* Whether the set of people belongs to this release; empty if not. */}}
{{- define "denywatch.manualSet" -}}
{{- if and (eq (include "denywatch.mode" .) "enforce") .Values.blocklist.manualSet.create }}true{{ end -}}
{{- end }}

{{/* IP, IP:PORT or IP:PORT/PROTOCOL as {block, version, port, protocols}; port 0 means all. */}}
{{- define "denywatch.loadBalancer" -}}
{{- $port := 0 }}{{ $protocols := list "TCP" "UDP" }}{{ $address := . -}}
{{- if or (hasPrefix "[" .) (eq (regexFindAll ":" . -1 | len) 1) -}}
  {{- $address = regexFind "^(\\[[^]]*\\]|[^:\\[\\]]*)" . | trimPrefix "[" | trimSuffix "]" -}}
  {{- with regexFind "\\]?:[0-9]+(/.*)?$" . -}}
    {{- $parts := splitList "/" (trimPrefix "]" . | trimPrefix ":") -}}
    {{- $port = atoi (index $parts 0) -}}
    {{- if eq (len $parts) 2 }}{{ $protocols = list (upper (index $parts 1)) }}{{ end -}}
  {{- end -}}
{{- end -}}
{{- dict "block" (include "denywatch.block" $address) "version" (ternary 6 4 (contains ":" $address)) "port" $port "protocols" $protocols | toJson -}}
{{- end }}

{{/*
One rule for each IP version, protocol and port, with all load balancers that have it. Takes root, action, source (a dict of
nets by IP version, empty for any) and cut: whether node ports are left to rules of their own.
*/}}
{{- define "denywatch.loadBalancerRules" -}}
{{- $root := index . 0 }}{{ $action := index . 1 }}{{ $sources := index . 2 }}{{ $cutNodePorts := index . 3 -}}
{{- $nodePorts := $root.Values.policies.nodePorts -}}
{{- $ends := splitList ":" $nodePorts -}}
{{- $all := list -}}
{{- range $root.Values.policies.loadBalancers }}{{ $all = append $all (include "denywatch.loadBalancer" . | fromJson) }}{{ end -}}
{{- $rules := list -}}
{{- range $version := list 4 6 -}}
  {{- $source := dict -}}
  {{- $skip := false -}}
  {{- if $sources -}}
    {{- with get $sources (toString $version) }}{{ $source = dict "source" (dict "nets" .) }}{{ else }}{{ $skip = true }}{{ end -}}
  {{- end -}}
  {{- range $protocol := ternary list (list "TCP" "UDP" "SCTP") $skip -}}
    {{- $cut := and $cutNodePorts (ne $protocol "SCTP") -}}
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
    {{- $base := merge (dict "action" $action "protocol" $protocol) $source -}}
    {{- with uniq $whole -}}
      {{- $to := dict "nets" . -}}
      {{- if $cut }}{{ $_ := set $to "notPorts" (list $nodePorts) }}{{ end -}}
      {{- $rules = append $rules (merge (dict "destination" $to) $base) -}}
    {{- end -}}
    {{- range $key := $ports | uniq | sortAlpha -}}
      {{- $port := atoi $key -}}
      {{- $isNodePort := and (le (int (first $ends)) $port) (le $port (int (last $ends))) -}}
      {{- $nets := list -}}
      {{- range get $onPort $key | uniq }}{{ if not (has . $whole) }}{{ $nets = append $nets . }}{{ end }}{{ end -}}
      {{- if and $nets (not (and $cut $isNodePort)) -}}
        {{- $rules = append $rules (merge (dict "destination" (dict "nets" $nets "ports" (list $port))) $base) -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- toJson $rules -}}
{{- end }}

{{/* Takes root and action. */}}
{{- define "denywatch.nodePortRules" -}}
{{- $ports := list (index . 0).Values.policies.nodePorts -}}
{{- $rules := list -}}
{{- range list "TCP" "UDP" }}{{ $rules = append $rules (dict "action" (index $ 1) "protocol" . "destination" (dict "ports" $ports)) }}{{ end -}}
{{- toJson $rules -}}
{{- end }}

{{/* All policies of policies.enabled, in the order of their evaluation, each {name, order, rules}. */}}
{{- define "denywatch.policies" -}}
{{- $values := .Values.policies -}}
{{- $names := $values.names -}}
{{- if lt (append (values $names) .Values.blocklist.policy.name | uniq | len) 5 }}{{ fail (printf "policies.names: %s are not allowed with blocklist.policy.name %s; allowed: one name for each policy" (values $names | sortAlpha | join ", ") .Values.blocklist.policy.name) }}{{ end -}}
{{- $policies := list -}}
{{- if not (or $values.loadBalancers $values.denyNodePorts) }}{{ fail "policies: neither loadBalancers nor denyNodePorts; allowed: one of them, or enabled: false" }}{{ end -}}
{{- if and $values.allow (not $values.loadBalancers) }}{{ fail "policies.allow: is of no use without policies.loadBalancers, which it lets in to" }}{{ end -}}
{{- with $values.allow -}}
  {{- $sources := include "denywatch.byVersion" . | fromJson -}}
  {{- with include "denywatch.loadBalancerRules" (list $ "Allow" $sources false) | fromJsonArray }}{{ $policies = append $policies (dict "name" $names.allowlist "order" 500 "rules" .) }}{{ end -}}
{{- end -}}
{{- $logs := include "denywatch.loadBalancerRules" (list . "Log" dict $values.denyNodePorts) | fromJsonArray -}}
{{- if $values.denyNodePorts }}{{ $logs = concat $logs (include "denywatch.nodePortRules" (list . "Log") | fromJsonArray) }}{{ end -}}
{{- $policies = append $policies (dict "name" $names.logDeniedPackets "order" 790 "rules" $logs) -}}
{{- with include "denywatch.loadBalancerRules" (list . "Deny" dict false) | fromJsonArray }}{{ $policies = append $policies (dict "name" $names.denyLb "order" 800 "rules" .) }}{{ end -}}
{{- if $values.denyNodePorts }}{{ $policies = append $policies (dict "name" $names.denyNodePorts "order" 1100 "rules" (include "denywatch.nodePortRules" (list . "Deny") | fromJsonArray)) }}{{ end -}}
{{- toJson $policies -}}
{{- end }}
