{{- /* What both parts may reach: the API server and, where wanted, the DNS of the cluster. */ -}}
{{- define "firedoor.egress" -}}
{{- with .Values.networkPolicy -}}
- to:
    {{- range .apiServer.cidrs }}
    - ipBlock:
        cidr: {{ . }}
    {{- end }}
  ports:
    {{- range .apiServer.ports }}
    - port: {{ . }}
      protocol: TCP
    {{- end }}
{{- if .dns.enabled }}
- to:
    {{- toYaml .dns.to | nindent 4 }}
  ports:
    - port: 53
      protocol: UDP
    - port: 53
      protocol: TCP
{{- end }}
{{- end -}}
{{- end -}}
