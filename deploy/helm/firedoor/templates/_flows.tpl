{{- /* Who is asked for flows: the name of their values, or nothing. */ -}}
{{- define "firedoor.teller" -}}
{{- if .Values.flows.hubbleRelay.enabled -}}hubbleRelay{{- else if .Values.flows.goldmane.enabled -}}goldmane{{- end -}}
{{- end -}}

{{- /* Nothing where flows come without TLS, or from nobody. */ -}}
{{- define "firedoor.flowsSecret" -}}
{{- if .Values.flows.hubbleRelay.enabled -}}
{{- if .Values.flows.hubbleRelay.tls.enabled }}{{ .Values.flows.hubbleRelay.tls.secretName }}{{ end -}}
{{- else if .Values.flows.goldmane.enabled -}}
{{- .Values.flows.goldmane.tls.secretName -}}
{{- end -}}
{{- end -}}

{{- define "firedoor.flowsArguments" -}}
{{- $place := "/run/secrets/firedoor-flows" -}}
{{- if .Values.flows.hubbleRelay.enabled -}}
{{- with .Values.flows.hubbleRelay -}}
- --hubble-relay={{ .address }}
{{- if .tls.enabled }}
- --tls-ca-cert-files={{ $place }}/ca.crt
{{- with .tls.serverName }}
- --tls-server-name={{ . }}
{{- end }}
{{- if .tls.clientCertificate }}
- --tls-client-cert-file={{ $place }}/tls.crt
- --tls-client-key-file={{ $place }}/tls.key
{{- end }}
{{- end }}
{{- end }}
{{- else if .Values.flows.goldmane.enabled -}}
{{- with .Values.flows.goldmane -}}
- --goldmane={{ .address }}
- --tls-ca-cert-files={{ $place }}/ca.crt
- --tls-server-name={{ .tls.serverName }}
- --tls-client-cert-file={{ $place }}/tls.crt
- --tls-client-key-file={{ $place }}/tls.key
{{- end }}
{{- end }}
{{- end -}}

{{- define "firedoor.flowsMount" -}}
{{- if include "firedoor.flowsSecret" . -}}
- name: flows-tls
  mountPath: /run/secrets/firedoor-flows
  readOnly: true
{{- end }}
{{- end -}}

{{- define "firedoor.flowsVolume" -}}
{{- with include "firedoor.flowsSecret" . -}}
- name: flows-tls
  secret:
    secretName: {{ . }}
    defaultMode: 0440
{{- end }}
{{- end -}}

{{- /* Where they are, for a NetworkPolicy. */ -}}
{{- define "firedoor.flowsEgress" -}}
{{- with include "firedoor.teller" . -}}
{{- $wanted := index $.Values.networkPolicy . -}}
- to:
    {{- toYaml $wanted.to | nindent 4 }}
  ports:
    {{- range $wanted.ports }}
    - port: {{ . }}
      protocol: TCP
    {{- end }}
{{- end }}
{{- end -}}

{{- /* The part `used` of the webhook has flows to judge by. */ -}}
{{- define "firedoor.hasUsed" -}}
{{- if .Values.admission.flows.enabled -}}
{{- if not (include "firedoor.teller" .) -}}
{{- fail "admission.flows.enabled needs somebody who tells of connections: enable flows.hubbleRelay or flows.goldmane" -}}
{{- end -}}
true
{{- end -}}
{{- end -}}
