"""
The messages of Goldmane's service that are read, with its numbers and names.

Values of enumerations stay numbers, as its emitter writes them: what they mean is known where lines are read.

Source: projectcalico/calico goldmane/proto/api.proto (v3.31).
"""

from __future__ import annotations

from firedoor.adapters.flows.relay.lines import line_maker
from firedoor.adapters.flows.relay.tables import Messages

STREAM = "/goldmane.Flows/Stream"
LIST = "/goldmane.Flows/List"

_MESSAGES = {
    "FlowListRequest": "1 start_time_gte int64, 2 start_time_lt int64, 3 page int64, 4 page_size int64, "
    "7 aggregation_interval int64",
    "FlowListResult": "1 meta ListMetadata, 2 flows FlowResult*",
    "ListMetadata": "1 totalPages int64, 2 totalResults int64",
    "FlowStreamRequest": "1 start_time_gte int64, 3 aggregation_interval int64",
    "FlowResult": "1 id int64, 2 flow Flow",
    "Flow": """
        1 Key FlowKey, 2 start_time int64, 3 end_time int64, 4 source_labels string*, 5 dest_labels string*,
        6 packets_in int64, 7 packets_out int64, 8 bytes_in int64, 9 bytes_out int64, 10 num_connections_started int64,
        11 num_connections_completed int64, 12 num_connections_live int64
    """,
    "FlowKey": """
        1 source_name string, 2 source_namespace string, 3 source_type int32, 4 dest_name string,
        5 dest_namespace string, 6 dest_type int32, 7 dest_port int64, 8 dest_service_name string,
        9 dest_service_namespace string, 10 dest_service_port_name string, 11 dest_service_port int64, 12 proto string,
        13 reporter int32, 14 action int32, 15 policies PolicyTrace
    """,
    "PolicyTrace": "1 enforced_policies PolicyHit*, 2 pending_policies PolicyHit*",
    "PolicyHit": "1 kind int32, 2 namespace string, 3 name string, 4 tier string, 5 action int32, "
    "6 policy_index int64, 7 rule_index int64, 8 trigger PolicyHit",
}
_ALL = Messages("goldmane", _MESSAGES, {})
FlowListRequest = _ALL.type("FlowListRequest")
FlowListResult = _ALL.type("FlowListResult")
FlowStreamRequest = _ALL.type("FlowStreamRequest")
FlowResult = _ALL.type("FlowResult")

line_of = line_maker(FlowResult)
"""Makes the line of a ``FlowResult``."""
