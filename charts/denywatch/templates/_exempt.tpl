{{/*
Sources that are never blocked, for the blocklist's policy and for the admission policy. Lists travel between templates as
JSON, by IP version.
*/}}

{{/* An address or CIDR, as a CIDR. */}}
{{- define "denywatch.block" -}}
{{- if contains "/" . }}{{ . }}{{ else if contains ":" . }}{{ . }}/128{{ else }}{{ . }}/32{{ end -}}
{{- end }}

{{/*
Refuses a text that is neither an address nor a CIDR: Felix would ignore it, and a rule whose nets are all ignored would
match every address.
Takes the setting's name, the text, and what is allowed there.
*/}}
{{- define "denywatch.checkBlock" -}}
{{- $text := index . 1 | lower -}}
{{- $byte := "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])" -}}
{{- $groups := "[0-9a-f]{1,4}(:[0-9a-f]{1,4})*" -}}
{{- $ipv4 := regexMatch (printf "^(%s[.]){3}%s(/(3[0-2]|[12]?[0-9]))?$" $byte $byte) $text -}}
{{- $ipv6 := regexMatch (printf "^(%s)?(::(%s)?)?(/(12[0-8]|1[01][0-9]|[1-9]?[0-9]))?$" $groups $groups) $text -}}
{{- $count := regexFindAll "[0-9a-f]+" (splitList "/" $text | first) -1 | len -}}
{{- if contains "::" $text }}{{ $ipv6 = and $ipv6 (le $count 7) }}{{ else }}{{ $ipv6 = and $ipv6 (eq $count 8) }}{{ end -}}
{{- if not (or $ipv4 $ipv6) }}{{ fail (printf "%s: %q is not allowed; allowed: %s" (index . 0) (index . 1) (index . 2)) }}{{ end -}}
{{- end }}

{{/* Refuses such texts in all settings that go into policies. */}}
{{- define "denywatch.checkBlocks" -}}
{{- $config := .Values.config -}}
{{- $settings := dict "policies.allow" .Values.policies.allow "policies.nodeNets" .Values.policies.nodeNets "policies.allowNodePorts" .Values.policies.allowNodePorts -}}
{{- $_ := set $settings "config.blocklist.neverBlock" (dig "blocklist" "neverBlock" list $config) -}}
{{- $_ := set $settings "config.blocklist.mayBlock" (dig "blocklist" "mayBlock" list $config) -}}
{{- range $setting, $texts := $settings -}}
  {{- range $texts }}{{ if not (hasPrefix "preset:" .) }}{{ include "denywatch.checkBlock" (list $setting . "an IP address or a CIDR, such as 192.0.2.0/24") }}{{ end }}{{ end -}}
{{- end -}}
{{- end }}

{{/* A list of addresses and blocks as {"4": [...], "6": [...]}. */}}
{{- define "denywatch.byVersion" -}}
{{- $all := dict "4" list "6" list -}}
{{- range . }}
  {{- $version := ternary "6" "4" (contains ":" .) -}}
  {{- $_ := set $all $version (append (get $all $version) (include "denywatch.block" .) | uniq) -}}
{{- end -}}
{{- toJson $all -}}
{{- end }}

{{/* The config.blocklist.neverBlock of the agents: includes the sources that a policy after the blocklist allows. */}}
{{- define "denywatch.neverBlock" -}}
{{- $allow := ternary (concat .Values.policies.allow .Values.policies.allowNodePorts) list .Values.policies.enabled -}}
{{- concat (dig "blocklist" "neverBlock" list .Values.config) $allow | uniq | toJson -}}
{{- end }}

{{/* Exempt ranges that config.blocklist.mayBlock does not affect. */}}
{{- define "denywatch.exemptAlways" -}}
{{- include "denywatch.checkBlocks" . -}}
{{- $all := list -}}
{{- range include "denywatch.neverBlock" . | fromJsonArray }}{{ if not (hasPrefix "preset:" .) }}{{ $all = append $all . }}{{ end }}{{ end -}}
{{- range dig "loadBalancers" "static" list .Values.config -}}
  {{- if kindIs "string" . }}{{ $all = append $all . }}{{ else }}{{ $all = append $all .address }}{{ end -}}
{{- end -}}
{{- if .Values.policies.enabled -}}
  {{- range .Values.policies.loadBalancers }}{{ with (include "denywatch.loadBalancer" . | fromJson).block }}{{ $all = append $all . }}{{ end }}{{ end -}}
{{- end -}}
{{- include "denywatch.byVersion" (concat $all .Values.networkPolicy.apiServers) -}}
{{- end }}

{{/* Private and special ranges, and those of presets, as the agents know them. */}}
{{- define "denywatch.exemptSpecial" -}}
{{- $ranges := .Files.Get "files/ranges.yaml" | fromYaml -}}
{{- $all := $ranges.special -}}
{{- range include "denywatch.neverBlock" . | fromJsonArray -}}
  {{- if hasPrefix "preset:" . -}}
    {{- $name := trimPrefix "preset:" . -}}
    {{- if not (hasKey $ranges.presets $name) }}{{ fail (printf "config.blocklist.neverBlock: %s is not allowed; allowed presets: %s" . (keys $ranges.presets | sortAlpha | join ", ")) }}{{ end -}}
    {{- $all = concat $all (get $ranges.presets $name) -}}
  {{- end -}}
{{- end -}}
{{- include "denywatch.byVersion" $all -}}
{{- end }}

{{/* Parts of the private and special ranges that may be blocked. */}}
{{- define "denywatch.mayBlock" -}}
{{- include "denywatch.byVersion" (dig "blocklist" "mayBlock" list .Values.config) -}}
{{- end }}
