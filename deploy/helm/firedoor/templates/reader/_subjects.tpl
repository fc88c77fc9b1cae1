{{- define "firedoor.subjects" -}}
{{- $root := . -}}
{{- range list "watch" "admission" }}
{{- if (index $root.Values .).enabled }}
- kind: ServiceAccount
  name: {{ include "firedoor.fullname" $root }}-{{ . }}
  namespace: {{ $root.Release.Namespace }}
{{- end }}
{{- end }}
{{- end -}}
