{{- define "firedoor.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride -}}
{{- else if contains .Chart.Name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name .Chart.Name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- /* The labels that never change, of the pods of a part: (list $ "watch") */ -}}
{{- define "firedoor.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: {{ $root.Chart.Name }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
{{- with index . 1 }}
app.kubernetes.io/component: {{ . }}
{{- end }}
{{- end -}}

{{- define "firedoor.labels" -}}
{{- $root := index . 0 -}}
{{ include "firedoor.selector" . }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ $root.Release.Service }}
helm.sh/chart: {{ printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" }}
{{- end -}}

{{- /* Name, namespace and labels of an object of a part: (list $ "watch") */ -}}
{{- define "firedoor.metadata" -}}
{{- $root := index . 0 -}}
name: {{ include "firedoor.fullname" $root }}-{{ index . 1 }}
namespace: {{ $root.Release.Namespace }}
labels:
  {{- include "firedoor.labels" . | nindent 2 }}
{{- end -}}

{{- define "firedoor.image" -}}
{{- with .Values.image -}}
{{ .repository }}:{{ .tag | default $.Chart.AppVersion }}{{ with .digest }}@{{ . }}{{ end }}
{{- end -}}
{{- end -}}

{{- define "firedoor.hasResources" -}}
{{- if and .Values.watch.enabled .Values.watch.customResources.enabled -}}true{{- end -}}
{{- end -}}

{{- define "firedoor.serverName" -}}
{{ include "firedoor.fullname" . }}-admission.{{ .Release.Namespace }}.svc
{{- end -}}

{{- define "firedoor.isRegistered" -}}
{{- if or .Values.admission.certificate.caBundle .Values.admission.certificate.certManager.enabled -}}true{{- end -}}
{{- end -}}
