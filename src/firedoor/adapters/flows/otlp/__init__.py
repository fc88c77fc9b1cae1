"""Flows that others send as log records of OpenTelemetry, by OTLP over HTTP."""
