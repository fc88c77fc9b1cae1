"""The composition root: what a person asked to read, into the adapter that reads it."""

from __future__ import annotations

from firedoor.bootstrap.alerting import Outlets, Surroundings, open_outlets, open_watch_plan, try_plan
from firedoor.bootstrap.applying import (
    RealSurroundings,
    check_command,
    new_apply,
    open_journals,
    open_live_policies,
    read_manifests,
    whole_paths,
    write_export,
)
from firedoor.bootstrap.conformance import clean_up_scratch, new_scratch_prefix, open_scratch
from firedoor.bootstrap.following import Followed, open_flow_means
from firedoor.bootstrap.observed import (
    flow_history,
    flows_sql,
    keep_review,
    latest_review,
    open_audit_logs,
    open_edges,
    open_flow_store,
    open_flows,
    open_goldmane,
    open_hubble_relay,
    write_flows,
)
from firedoor.bootstrap.policies import open_baselines, open_intents, policy_changes, read_policies, write_policies
from firedoor.bootstrap.resources import open_resources
from firedoor.bootstrap.settings import (
    MOST_CONFIG_BYTES,
    compile_custom_checks,
    known_names,
    open_baseline,
    open_plugins,
    open_settings,
    own_checks,
    raw_objects,
    save_baseline,
    today,
)
from firedoor.bootstrap.sources import open_editor, open_source, open_state
from firedoor.bootstrap.verifying import ProbeWishes, RealWatch, open_prober, remove_probes
from firedoor.bootstrap.watching import (
    open_elector,
    open_feed,
    open_meter,
    open_watch_memory,
    open_webhook,
)

__all__ = [
    "MOST_CONFIG_BYTES",
    "Followed",
    "Outlets",
    "ProbeWishes",
    "RealSurroundings",
    "RealWatch",
    "Surroundings",
    "check_command",
    "clean_up_scratch",
    "compile_custom_checks",
    "flow_history",
    "flows_sql",
    "keep_review",
    "known_names",
    "latest_review",
    "new_apply",
    "new_scratch_prefix",
    "open_audit_logs",
    "open_baseline",
    "open_baselines",
    "open_edges",
    "open_editor",
    "open_elector",
    "open_feed",
    "open_flow_means",
    "open_flow_store",
    "open_flows",
    "open_goldmane",
    "open_hubble_relay",
    "open_intents",
    "open_journals",
    "open_live_policies",
    "open_meter",
    "open_outlets",
    "open_plugins",
    "open_prober",
    "open_resources",
    "open_scratch",
    "open_settings",
    "open_source",
    "open_state",
    "open_watch_memory",
    "open_watch_plan",
    "open_webhook",
    "own_checks",
    "policy_changes",
    "raw_objects",
    "read_manifests",
    "read_policies",
    "remove_probes",
    "save_baseline",
    "today",
    "try_plan",
    "whole_paths",
    "write_export",
    "write_flows",
    "write_policies",
]
