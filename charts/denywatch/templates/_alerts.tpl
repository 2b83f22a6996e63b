{{/*
What thresholds of alerts are called in values, and how they are written in rules/denywatch.rules.yaml: texts with %v in place
of the number. The first is in the expression, others in what is said about it.
*/}}
{{- define "denywatch.thresholds" -}}
deniedPacketsPerSecond:
  alert: DenywatchDeniedPacketsSurge
  default: 50
  texts: ["rate5m > %v\n", "above %v"]
deniedPacketsTimesUsual:
  alert: DenywatchDeniedPacketsSurge
  default: 5
  texts: ["<= %v * nlb:"]
deniedSources:
  alert: DenywatchDeniedSourcesSurge
  default: 1000
  texts: ["sources:max > %v\n", "above %v"]
deniedSourcesTimesUsual:
  alert: DenywatchDeniedSourcesSurge
  default: 5
  texts: ["<= %v * nlb:"]
logSilentSeconds:
  alert: DenywatchLogSilent
  default: 3600
  texts: [") > %v\n"]
unreadBytes:
  alert: DenywatchLogBehind
  default: 67108864
  texts: ["> %v\n"]
sourcesBlockedInTenMinutes:
  alert: DenywatchMassBlock
  default: 100
  texts: ["[10m])) > %v\n"]
{{- end }}

{{/* A text of an alert with thresholds in place of the numbers that are there. Takes values, alert and text. */}}
{{- define "denywatch.withThresholds" -}}
{{- $values := index . 0 }}{{ $alert := index . 1 }}{{ $text := index . 2 -}}
{{- range $name, $is := include "denywatch.thresholds" . | fromYaml -}}
  {{- $wanted := get $values.thresholds $name -}}
  {{- if and (eq $is.alert $alert) (ne (toString $wanted) (toString $is.default)) -}}
    {{- range $is.texts -}}
      {{- $text = replace (replace "%v" (int64 $is.default | toString) .) (replace "%v" (int64 $wanted | toString) .) $text -}}
    {{- end -}}
  {{- end -}}
{{- end -}}
{{- $text -}}
{{- end }}
