{{/*
The policies that "denywatch policies" prints, rule by rule in the same order: tests compare the two. Rules travel between
templates as JSON.
*/}}

{{/* The API that Calico's objects of this release are written to. */}}
{{- define "denywatch.calicoApi" -}}
{{- dig "blocklist" "api" "projectcalico.org/v3" .Values.config }}
{{- end }}

{{/* Whether an object is in the cluster and not this release's. Takes root, kind and name; empty if not. */}}
{{- define "denywatch.isForeign" -}}
{{- $root := index . 0 }}{{ $kind := index . 1 }}{{ $name := index . 2 }}{{ $api := include "denywatch.calicoApi" $root -}}
{{- if $root.Capabilities.APIVersions.Has (printf "%s/%s" $api $kind) -}}
{{- with lookup $api $kind "" $name -}}
{{- $annotations := default dict .metadata.annotations -}}
{{- $ours := and (eq (get $annotations "meta.helm.sh/release-name") $root.Release.Name) (eq (get $annotations "meta.helm.sh/release-namespace") $root.Release.Namespace) -}}
{{- if not $ours }}true{{ end -}}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Whether the policy named blocklist belongs to this release; empty if not. */}}
{{- define "denywatch.blocklistPolicy" -}}
{{- $wanted := or (eq (include "denywatch.mode" .) "enforce") .Values.policies.enabled -}}
{{- if and $wanted .Values.blocklist.policy.create (eq (include "denywatch.calicoGroup" .) "projectcalico.org") -}}
{{- if not (include "denywatch.isForeign" (list . "GlobalNetworkPolicy" "blocklist")) }}true{{ end -}}
{{- end -}}
{{- end }}

{{/* Whether the set of people belongs to this release; empty if not. */}}
{{- define "denywatch.manualSet" -}}
{{- if and (eq (include "denywatch.mode" .) "enforce") .Values.blocklist.manualSet.create -}}
{{- if not (include "denywatch.isForeign" (list . "GlobalNetworkSet" "denywatch-manual")) }}true{{ end -}}
{{- end -}}
{{- end }}

{{/* An address or block as a block. */}}
{{- define "denywatch.block" -}}
{{- if contains "/" . }}{{ . }}{{ else if contains ":" . }}{{ . }}/128{{ else }}{{ . }}/32{{ end -}}
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
{{- $policies := list -}}
{{- if not (or $values.loadBalancers $values.denyNodePorts) }}{{ fail "policies: neither loadBalancers nor denyNodePorts; allowed: one of them, or enabled: false" }}{{ end -}}
{{- if and $values.allow (not $values.loadBalancers) }}{{ fail "policies.allow: is of no use without policies.loadBalancers, which it lets in to" }}{{ end -}}
{{- $sources := dict -}}
{{- range $values.allow -}}
  {{- $version := ternary "6" "4" (contains ":" .) -}}
  {{- $_ := set $sources $version (append (default list (get $sources $version)) (include "denywatch.block" .) | uniq) -}}
{{- end -}}
{{- if $sources -}}
  {{- with include "denywatch.loadBalancerRules" (list . "Allow" $sources false) | fromJsonArray }}{{ $policies = append $policies (dict "name" "allowlist" "order" 500 "rules" .) }}{{ end -}}
{{- end -}}
{{- $logs := include "denywatch.loadBalancerRules" (list . "Log" dict $values.denyNodePorts) | fromJsonArray -}}
{{- if $values.denyNodePorts }}{{ $logs = concat $logs (include "denywatch.nodePortRules" (list . "Log") | fromJsonArray) }}{{ end -}}
{{- $policies = append $policies (dict "name" "log-denied-packets" "order" 790 "rules" $logs) -}}
{{- with include "denywatch.loadBalancerRules" (list . "Deny" dict false) | fromJsonArray }}{{ $policies = append $policies (dict "name" "deny-lb" "order" 800 "rules" .) }}{{ end -}}
{{- if $values.denyNodePorts }}{{ $policies = append $policies (dict "name" "deny-nodeports" "order" 1100 "rules" (include "denywatch.nodePortRules" (list . "Deny") | fromJsonArray)) }}{{ end -}}
{{- toJson $policies -}}
{{- end }}
