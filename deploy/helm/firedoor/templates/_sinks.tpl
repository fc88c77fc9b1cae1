{{- /* Whether watch has a file of rules. */ -}}
{{- define "firedoor.hasRules" -}}
{{- if and .Values.watch.enabled .Values.watch.rules -}}true{{- end -}}
{{- end -}}

{{- /* Fails where a sink names a secret that the pod does not have: it would only be told when the first event is sent. */ -}}
{{- define "firedoor.checkSinks" -}}
{{- $files := "/run/secrets/firedoor/" -}}
{{- $mounted := list -}}
{{- range .Values.watch.secrets }}{{ $mounted = append $mounted .name }}{{ end -}}
{{- $variables := list -}}
{{- range .Values.watch.env }}{{ $variables = append $variables .name }}{{ end -}}
{{- range $sink := .Values.watch.rules.sinks -}}
{{- range $field := list "url" "secret" "token" "ca" -}}
{{- $from := index $sink $field -}}
{{- if eq $field "ca" }}{{ $from = dict "file" ($from | default "") }}{{ end -}}
{{- if kindIs "map" $from -}}
{{- with $from.env -}}
{{- if not (has . $variables) -}}
{{- fail (printf "watch.rules: the %s of the sink %s is in the variable %s, which watch.env does not name" $field $sink.name .) -}}
{{- end -}}
{{- end -}}
{{- with $from.file -}}
{{- if hasPrefix $files . -}}
{{- $name := index (splitList "/" (trimPrefix $files .)) 0 -}}
{{- if not (has $name $mounted) -}}
{{- fail (printf "watch.rules: the %s of the sink %s is in the Secret %s, which watch.secrets does not name" $field $sink.name $name) -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* The types of the sinks that write into the cluster, as a list in YAML. */ -}}
{{- define "firedoor.writingSinks" -}}
{{- $found := list -}}
{{- if include "firedoor.hasRules" . -}}
{{- range .Values.watch.rules.sinks -}}
{{- $found = append $found .type -}}
{{- end -}}
{{- end -}}
{{- toYaml ($found | uniq | sortAlpha) -}}
{{- end -}}
