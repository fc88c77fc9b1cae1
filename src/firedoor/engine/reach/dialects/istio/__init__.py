"""AuthorizationPolicy and PeerAuthentication of ``security.istio.io``."""
