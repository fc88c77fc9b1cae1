{{- /* What the pods of both parts are held to: (list $ "watch") */ -}}
{{- define "firedoor.pod" -}}
{{- $root := index . 0 -}}
{{- $part := index $root.Values (index . 1) -}}
serviceAccountName: {{ include "firedoor.fullname" $root }}-{{ index . 1 }}
# The account itself mounts none: only these pods ask the API server.
automountServiceAccountToken: true
enableServiceLinks: false
securityContext:
  runAsNonRoot: true
  runAsUser: 65532
  runAsGroup: 65532
  fsGroup: 65532
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- with $root.Values.image.pullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $part.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with $part.nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $part.tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- define "firedoor.container" -}}
{{- $root := index . 0 -}}
name: firedoor
{{ include "firedoor.confined" (list $root (index $root.Values (index . 1))) }}
{{- end -}}

{{- /* A container without its name: (list $ values), of which the resources are taken. */ -}}
{{- define "firedoor.confined" -}}
{{- $root := index . 0 -}}
{{- $part := index . 1 -}}
image: {{ include "firedoor.image" $root | quote }}
imagePullPolicy: {{ $root.Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  privileged: false
  readOnlyRootFilesystem: true
  capabilities:
    drop: [ALL]
resources:
  {{- toYaml $part.resources | nindent 2 }}
{{- end -}}

{{- /* The first look at a large cluster takes minutes: ten of them before anything is restarted. (list "port" "scheme") */ -}}
{{- define "firedoor.probes" -}}
startupProbe:
  httpGet: {path: /readyz, port: {{ index . 0 }}, scheme: {{ index . 1 }}}
  periodSeconds: 5
  failureThreshold: 120
  timeoutSeconds: 5
readinessProbe:
  httpGet: {path: /readyz, port: {{ index . 0 }}, scheme: {{ index . 1 }}}
  periodSeconds: 10
  timeoutSeconds: 5
livenessProbe:
  httpGet: {path: /healthz, port: {{ index . 0 }}, scheme: {{ index . 1 }}}
  periodSeconds: 20
  failureThreshold: 6
  timeoutSeconds: 5
{{- end -}}
