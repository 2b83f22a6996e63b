{{/*
Sources that are never blocked, for the blocklist's policy and for the admission policy. Lists travel between templates as
JSON, by IP version.
*/}}

{{/* An address or block as a block. */}}
{{- define "denywatch.block" -}}
{{- if contains "/" . }}{{ . }}{{ else if contains ":" . }}{{ . }}/128{{ else }}{{ . }}/32{{ end -}}
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

{{/* What config.blocklist.neverBlock is to the agents: what is allowed by a policy behind the blocklist is in it. */}}
{{- define "denywatch.neverBlock" -}}
{{- $allow := ternary (concat .Values.policies.allow .Values.policies.allowNodePorts) list .Values.policies.enabled -}}
{{- concat (dig "blocklist" "neverBlock" list .Values.config) $allow | uniq | toJson -}}
{{- end }}

{{/* Exempt whatever config.blocklist.mayBlock says. */}}
{{- define "denywatch.exemptAlways" -}}
{{- $all := list -}}
{{- range include "denywatch.neverBlock" . | fromJsonArray }}{{ if not (hasPrefix "preset:" .) }}{{ $all = append $all . }}{{ end }}{{ end -}}
{{- range dig "loadBalancers" "static" list .Values.config -}}
  {{- if kindIs "string" . }}{{ $all = append $all . }}{{ else }}{{ $all = append $all .address }}{{ end -}}
{{- end -}}
{{- if .Values.policies.enabled -}}
  {{- range .Values.policies.loadBalancers }}{{ $all = append $all (include "denywatch.loadBalancer" . | fromJson).block }}{{ end -}}
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

{{/* Parts of those ranges that may be blocked all the same. */}}
{{- define "denywatch.mayBlock" -}}
{{- include "denywatch.byVersion" (dig "blocklist" "mayBlock" list .Values.config) -}}
{{- end }}
