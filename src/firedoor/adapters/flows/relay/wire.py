"""
The messages of Hubble's Observer service that are read, made from a table of their fields when they are needed.

Only what tells of connections: fields that are not in it are skipped when a message is decoded, as the
wire format means them to be. Numbers and names are those of Cilium's API, for the names are what its JSON has.
Source: cilium/cilium v1.19 api/v1/flow/flow.proto, api/v1/observer/observer.proto, api/v1/relay/relay.proto.
"""

from __future__ import annotations

from firedoor.adapters.flows.relay.tables import TIME, Messages

GET_FLOWS = "/observer.Observer/GetFlows"
SERVER_STATUS = "/observer.Observer/ServerStatus"

_MESSAGES = {
    "Flow": f"""
        1 time {TIME}, 2 verdict Verdict, 3 drop_reason uint32, 5 IP IP, 6 l4 Layer4, 8 source Endpoint,
        9 destination Endpoint, 10 Type FlowType, 11 node_name string, 13 source_names string*,
        14 destination_names string*, 15 l7 Layer7, 16 reply bool, 19 event_type EventType,
        20 source_service Service, 21 destination_service Service, 22 traffic_direction TrafficDirection,
        24 trace_observation_point TraceObservationPoint, 25 drop_reason_desc DropReason,
        26 is_reply google.protobuf.BoolValue, 34 uuid string,
        21001 egress_allowed_by Policy*, 21002 ingress_allowed_by Policy*,
        21004 egress_denied_by Policy*, 21005 ingress_denied_by Policy*
    """,
    "IP": "1 source string, 2 destination string",
    "Layer4": "1 TCP TCP|, 2 UDP Ports|, 3 ICMPv4 Present|, 4 ICMPv6 Present|, 5 SCTP Ports|, 6 VRRP Present|, "
    "7 IGMP Present|",
    "TCP": "1 source_port uint32, 2 destination_port uint32, 3 flags TCPFlags",
    "TCPFlags": "2 SYN bool, 5 ACK bool",
    "Ports": "1 source_port uint32, 2 destination_port uint32",
    "Present": "",
    "Layer7": "1 type L7FlowType",
    "Endpoint": "3 namespace string, 4 labels string*, 5 pod_name string, 6 workloads Workload*",
    "Workload": "1 name string, 2 kind string",
    "Service": "1 name string, 2 namespace string",
    "EventType": "1 type int32, 2 sub_type int32",
    "Policy": "1 name string, 2 namespace string, 5 kind string",
    "LostEvent": "1 source LostEventSource, 2 num_events_lost uint64",
    "NodeStatusEvent": "1 state_change NodeState, 2 node_names string*, 3 message string",
    "GetFlowsRequest": f"1 number uint64, 3 follow bool, 7 since {TIME}, 8 until {TIME}",
    "GetFlowsResponse": f"1 flow Flow|, 2 node_status NodeStatusEvent|, 3 lost_events LostEvent|, "
    f"1000 node_name string, 1001 time {TIME}",
    "ServerStatusRequest": "",
    "ServerStatusResponse": "1 num_flows uint64, 7 unavailable_nodes string*, 8 version string",
}
_ENUMS = {
    "Verdict": "0 VERDICT_UNKNOWN FORWARDED DROPPED ERROR AUDIT REDIRECTED TRACED TRANSLATED",
    "FlowType": "0 UNKNOWN_TYPE L3_L4 L7 SOCK",
    "L7FlowType": "0 UNKNOWN_L7_TYPE REQUEST RESPONSE SAMPLE",
    "TrafficDirection": "0 TRAFFIC_DIRECTION_UNKNOWN INGRESS EGRESS",
    "TraceObservationPoint": """
        0 UNKNOWN_POINT TO_PROXY TO_HOST TO_STACK TO_OVERLAY FROM_ENDPOINT FROM_PROXY FROM_HOST FROM_STACK
        FROM_OVERLAY FROM_NETWORK TO_NETWORK FROM_CRYPTO TO_CRYPTO 101 TO_ENDPOINT
    """,
    "LostEventSource": "0 UNKNOWN_LOST_EVENT_SOURCE PERF_EVENT_RING_BUFFER OBSERVER_EVENTS_QUEUE HUBBLE_RING_BUFFER",
    "NodeState": "0 UNKNOWN_NODE_STATE NODE_CONNECTED NODE_UNAVAILABLE NODE_GONE NODE_ERROR",
    "DropReason": """
        0 DROP_REASON_UNKNOWN 130 INVALID_SOURCE_MAC INVALID_DESTINATION_MAC INVALID_SOURCE_IP POLICY_DENIED
        INVALID_PACKET_DROPPED CT_TRUNCATED_OR_INVALID_HEADER CT_MISSING_TCP_ACK_FLAG CT_UNKNOWN_L4_PROTOCOL
        CT_CANNOT_CREATE_ENTRY_FROM_PACKET UNSUPPORTED_L3_PROTOCOL MISSED_TAIL_CALL ERROR_WRITING_TO_PACKET
        UNKNOWN_L4_PROTOCOL UNKNOWN_ICMPV4_CODE UNKNOWN_ICMPV4_TYPE UNKNOWN_ICMPV6_CODE UNKNOWN_ICMPV6_TYPE
        ERROR_RETRIEVING_TUNNEL_KEY ERROR_RETRIEVING_TUNNEL_OPTIONS INVALID_GENEVE_OPTION UNKNOWN_L3_TARGET_ADDRESS
        STALE_OR_UNROUTABLE_IP NO_MATCHING_LOCAL_CONTAINER_FOUND ERROR_WHILE_CORRECTING_L3_CHECKSUM
        ERROR_WHILE_CORRECTING_L4_CHECKSUM CT_MAP_INSERTION_FAILED INVALID_IPV6_EXTENSION_HEADER
        IP_FRAGMENTATION_NOT_SUPPORTED SERVICE_BACKEND_NOT_FOUND 160 NO_TUNNEL_OR_ENCAPSULATION_ENDPOINT
        FAILED_TO_INSERT_INTO_PROXYMAP REACHED_EDT_RATE_LIMITING_DROP_HORIZON UNKNOWN_CONNECTION_TRACKING_STATE
        LOCAL_HOST_IS_UNREACHABLE NO_CONFIGURATION_AVAILABLE_TO_PERFORM_POLICY_DECISION UNSUPPORTED_L2_PROTOCOL
        NO_MAPPING_FOR_NAT_MASQUERADE UNSUPPORTED_PROTOCOL_FOR_NAT_MASQUERADE FIB_LOOKUP_FAILED
        ENCAPSULATION_TRAFFIC_IS_PROHIBITED INVALID_IDENTITY UNKNOWN_SENDER NAT_NOT_NEEDED IS_A_CLUSTERIP
        FIRST_LOGICAL_DATAGRAM_FRAGMENT_NOT_FOUND FORBIDDEN_ICMPV6_MESSAGE DENIED_BY_LB_SRC_RANGE_CHECK
        SOCKET_LOOKUP_FAILED SOCKET_ASSIGN_FAILED PROXY_REDIRECTION_NOT_SUPPORTED_FOR_PROTOCOL POLICY_DENY
        VLAN_FILTERED INVALID_VNI INVALID_TC_BUFFER NO_SID MISSING_SRV6_STATE NAT46 NAT64 AUTH_REQUIRED
        CT_NO_MAP_FOUND SNAT_NO_MAP_FOUND INVALID_CLUSTER_ID UNSUPPORTED_PROTOCOL_FOR_DSR_ENCAP NO_EGRESS_GATEWAY
        UNENCRYPTED_TRAFFIC TTL_EXCEEDED NO_NODE_ID DROP_RATE_LIMITED IGMP_HANDLED IGMP_SUBSCRIBED MULTICAST_HANDLED
        DROP_HOST_NOT_READY DROP_EP_NOT_READY DROP_NO_EGRESS_IP DROP_PUNT_PROXY
    """,
}

_ALL = Messages("hubble", _MESSAGES, _ENUMS)
GetFlowsRequest = _ALL.type("GetFlowsRequest")
GetFlowsResponse = _ALL.type("GetFlowsResponse")
ServerStatusRequest = _ALL.type("ServerStatusRequest")
ServerStatusResponse = _ALL.type("ServerStatusResponse")
