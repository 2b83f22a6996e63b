{{/*
Names of the alert thresholds in values, and their text in the expressions of rules/denywatch.rules.yaml, with %v for
the number.
*/}}
{{- define "denywatch.thresholds" -}}
deniedPacketsPerSecond:
  alert: DenywatchDeniedPacketsSurge
  default: 50
  text: "rate5m > %v\n"
deniedPacketsTimesUsual:
  alert: DenywatchDeniedPacketsSurge
  default: 5
  text: " %v * nlb:"
lowDeniedPacketsPerSecond:
  alert: DenywatchDeniedPacketsSurge
  default: 5
  text: "rate5m > %v\n"
lowDeniedPacketsTimesUsual:
  alert: DenywatchDeniedPacketsSurge
  default: 20
  text: " %v * nlb:"
deniedSources:
  alert: DenywatchDeniedSourcesSurge
  default: 1000
  text: "sources:max > %v\n"
deniedSourcesTimesUsual:
  alert: DenywatchDeniedSourcesSurge
  default: 5
  text: " %v * nlb:"
logSilentSeconds:
  alert: DenywatchLogSilent
  default: 3600
  text: ") > %v\n"
unreadBytes:
  alert: DenywatchLogBehind
  default: 67108864
  text: "> %v\n"
sourcesBlockedInTenMinutes:
  alert: DenywatchMassBlock
  default: 100
  text: "[10m])) > %v\n"
{{- end }}

{{/*
The expression of an alert with the thresholds from values. Takes values, alert and expression. All numbers are
replaced by placeholders first, because a new threshold may equal the old value of another.
*/}}
{{- define "denywatch.withThresholds" -}}
{{- $values := index . 0 }}{{ $alert := index . 1 }}{{ $expr := index . 2 -}}
{{- $of := dict -}}
{{- range $name, $is := include "denywatch.thresholds" . | fromYaml -}}
  {{- if eq $is.alert $alert }}{{ $_ := set $of $name $is }}{{ end -}}
{{- end -}}
{{- range $name, $is := $of -}}
  {{- $expr = replace (replace "%v" (int64 $is.default | toString) $is.text) (replace "%v" (printf "@%s@" $name) $is.text) $expr -}}
{{- end -}}
{{- range $name, $is := $of -}}
  {{- $expr = replace (printf "@%s@" $name) (int64 (get $values.thresholds $name) | toString) $expr -}}
{{- end -}}
{{- $expr -}}
{{- end }}
