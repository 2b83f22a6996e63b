{{/* Name of the program, as a label. */}}
{{- define "denywatch.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The name of this release's objects. */}}
{{- define "denywatch.fullname" -}}
{{- $name := include "denywatch.name" . -}}
{{- $full := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{- default $full .Values.fullnameOverride | trunc 50 | trimSuffix "-" }}
{{- end }}

{{/* The namespace of this release's objects. */}}
{{- define "denywatch.namespace" -}}
{{- default .Release.Namespace .Values.namespaceOverride }}
{{- end }}

{{/* Labels that never change in an upgrade, for selectors. */}}
{{- define "denywatch.identity" -}}
app.kubernetes.io/name: {{ include "denywatch.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "denywatch.selectorLabels" -}}
{{ include "denywatch.identity" . }}
app.kubernetes.io/component: agent
{{- end }}

{{/* Labels of everything, without the component. */}}
{{- define "denywatch.commonLabels" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
{{ include "denywatch.identity" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "denywatch.labels" -}}
{{ include "denywatch.commonLabels" . }}
app.kubernetes.io/component: agent
{{- end }}

{{- define "denywatch.serviceAccountName" -}}
{{- $given := .Values.serviceAccount.name -}}
{{- ternary (default (include "denywatch.fullname" .) $given) (default "default" $given) .Values.serviceAccount.create }}
{{- end }}

{{- define "denywatch.image" -}}
{{- $registry := default .Values.image.registry (.Values.global).imageRegistry -}}
{{- $repository := .Values.image.repository -}}
{{- if $registry }}{{ $repository = printf "%s/%s" (trimSuffix "/" $registry) $repository }}{{ end -}}
{{- with .Values.image.digest }}{{ printf "%s@%s" $repository . }}{{ else }}{{ printf "%s:%s" $repository (default .Chart.AppVersion .Values.image.tag) }}{{ end }}
{{- end }}

{{/* The subject of all bindings. */}}
{{- define "denywatch.subjects" -}}
- kind: ServiceAccount
  name: {{ include "denywatch.serviceAccountName" . }}
  namespace: {{ include "denywatch.namespace" . }}
{{- end }}

{{/* Labels that a Prometheus selects by: those given, and prometheusRelease as "release". Takes root and labels. */}}
{{- define "denywatch.prometheusRelease" -}}
{{- $labels := deepCopy (index . 1) -}}
{{- with (index . 0).Values.prometheusRelease }}{{ $labels = merge $labels (dict "release" .) }}{{ end -}}
{{- with $labels }}{{ toYaml . }}{{ end -}}
{{- end }}
