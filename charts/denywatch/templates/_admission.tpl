{{/*
Expressions of the admission policy. An API server limits the cost of an expression to 1,000,000 units, and that of all
together to 10,000,000, so the cost must be at most linear in the size of a set.
*/}}

{{/* Maps variables to the annotations from which an agent may remove pieces in sets that are not its own. */}}
{{- define "denywatch.texts" -}}
entries: denywatch.io/entries
manual: denywatch.io/manual
{{- end }}

{{/* A list in the syntax of CEL. */}}
{{- define "denywatch.celList" -}}
[{{ range $i, $text := . }}{{ if $i }}, {{ end }}'{{ $text }}'{{ end }}]
{{- end }}

{{/* Takes a list of blocks and a boolean: the blocks longer than /64 if it is true, else the others. */}}
{{- define "denywatch.ofLength" -}}
{{- $found := list -}}
{{- range index . 0 }}{{ if eq (gt (splitList "/" . | last | int) 64) (index $ 1) }}{{ $found = append $found . }}{{ end }}{{ end -}}
{{- toJson $found -}}
{{- end }}

{{/*
Validations, as a JSON list of expressions: no net of an agent's own sets overlaps an exempt block. A set can have
2,000 nets, so each expression has few blocks. CEL's containsCIDR is not used: it is wrong in some versions.
*/}}
{{- define "denywatch.exemptExpressions" -}}
{{- $always := include "denywatch.exemptAlways" . | fromJson -}}
{{- $special := include "denywatch.exemptSpecial" . | fromJson -}}
{{- $mayBlock := include "denywatch.mayBlock" . | fromJson -}}
{{- $all := list -}}
{{- range $version := list "4" "6" -}}
  {{- $expressions := list -}}
  {{- $ofMayBlock := get $mayBlock $version -}}
  {{- if eq $version "6" }}{{ $ofMayBlock = include "denywatch.ofLength" (list $ofMayBlock false) | fromJsonArray }}{{ end -}}
  {{- $unless := "" -}}
  {{- with $ofMayBlock }}{{ $unless = printf " || %s.exists(block, cidr(block).containsIP(address))" (include "denywatch.celList" .) }}{{ end -}}
  {{- range $isSpecial := list false true -}}
    {{- $blocks := ternary (get $special $version) (get $always $version) $isSpecial -}}
    {{- $wide := $blocks -}}
    {{- if eq $version "6" }}{{ $wide = include "denywatch.ofLength" (list $blocks false) | fromJsonArray }}{{ end -}}
    {{- range chunk 30 $wide -}}
      {{- $expressions = append $expressions (printf "variables.addresses%s.all(address, !%s.exists(block, cidr(block).containsIP(address))%s)" $version (include "denywatch.celList" .) (ternary $unless "" $isSpecial)) -}}
    {{- end -}}
    {{- if eq $version "6" -}}
      {{- range include "denywatch.ofLength" (list $blocks true) | fromJsonArray | chunk 10 -}}
        {{- $expressions = append $expressions (printf "variables.nets6.all(net, !%s.exists(block, cidr(net).containsIP(cidr(block).ip()) || cidr(block).containsIP(cidr(net).ip())))" (include "denywatch.celList" .)) -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
  {{- if include "denywatch.blocksSubnets" $ -}}
    {{- range $isSpecial := list false true -}}
      {{- range chunk 30 (ternary (get $special $version) (get $always $version) $isSpecial) -}}
        {{- $expressions = append $expressions (printf "variables.subnets%s.all(net, !%s.exists(block, cidr(net).containsIP(cidr(block).ip()))%s)" $version (include "denywatch.celList" .) (ternary ($unless | replace "containsIP(address)" "containsIP(cidr(net).ip())") "" $isSpecial)) -}}
      {{- end -}}
    {{- end -}}
  {{- end -}}
  {{- if gt (len $expressions) (ternary 20 12 (eq $version "4")) -}}
    {{- fail "blocklist.admissionPolicy.exemptRanges: is not allowed with so many ranges that are never blocked; allowed: some 500 of IPv4 and 300 of IPv6, or false" -}}
  {{- end -}}
  {{- $all = concat $all $expressions -}}
{{- end -}}
{{- toJson $all -}}
{{- end }}

{{/* Whether a rule may block subnets; empty if not. */}}
{{- define "denywatch.blocksSubnets" -}}
{{- $found := "" -}}
{{- range (.Values.config.blocklist | default dict).rules }}{{ if hasKey . "distinctSources" }}{{ $found = "true" }}{{ end }}{{ end -}}
{{- $found -}}
{{- end }}

{{/* Whether the admission policy checks exempt ranges; empty if not. Kubernetes before 1.31 has no cidr(). */}}
{{- define "denywatch.checksRanges" -}}
{{- if and .Values.blocklist.admissionPolicy.exemptRanges (semverCompare ">=1.31-0" .Capabilities.KubeVersion.Version) }}true{{ end -}}
{{- end }}
