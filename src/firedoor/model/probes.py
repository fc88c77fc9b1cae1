"""Whom the node's agent asks, on behalf of a container, whether it lives and that it starts or stops."""

from __future__ import annotations

from msgspec import Struct


class HandlerTarget(Struct, frozen=True, gc=False, omit_defaults=True):
    """
    Where a request goes; without a host to the pod itself.

    It is that of ``v1.HTTPGetAction``, ``v1.TCPSocketAction`` or ``v1.GRPCAction``.
    """

    host: str = ""
    port: int | str | None = None


class Handler(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """A probe, or what happens after a start or before a stop (``v1.Probe``, ``v1.LifecycleHandler``)."""

    http_get: HandlerTarget | None = None
    tcp_socket: HandlerTarget | None = None
    grpc: HandlerTarget | None = None


class Lifecycle(Struct, frozen=True, gc=False, rename="camel", omit_defaults=True):
    """What happens after a container has started and before it is stopped (``v1.Lifecycle``)."""

    post_start: Handler | None = None
    pre_stop: Handler | None = None
