"""The kinds of firedoor's own in a real API server."""

from __future__ import annotations

from functools import partial
from typing import Any

from firedoor.render.custom_resources import definitions
from tests.lab.api import Api, Manifest, until

DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
HOME = "/apis/firedoor.dev/v1alpha1"


def install(api: Api) -> None:
    """Make the definitions, and wait until the kinds are served."""
    for each in definitions():
        status, content, warnings = api.send("POST", f"{DEFINITIONS}?fieldValidation=Strict", each)
        assert (status, warnings) == (201, []), content
    for each in definitions():
        until(partial(is_served, api, each["metadata"]["name"]), each["metadata"]["name"])


def uninstall(api: Api) -> None:
    """Delete the definitions and all objects, and wait until they are gone."""
    for each in definitions():
        path = f"{DEFINITIONS}/{each['metadata']['name']}"
        if api.send("GET", path)[0] == 200:
            api.delete(path)
    for each in definitions():
        path = f"{DEFINITIONS}/{each['metadata']['name']}"
        until(partial(is_gone, api, path), path)


def is_gone(api: Api, path: str) -> bool:
    return bool(api.send("GET", path)[0] == 404)


def is_served(api: Api, name: str) -> bool:
    return api.serves(HOME.removeprefix("/apis/"), name.partition(".")[0])


def condition(api: Api, name: str, kind: str) -> str:
    """Return the status of a condition of a definition, empty where it is not there."""
    found = api.send("GET", f"{DEFINITIONS}/{name}")[1]
    return next(
        (str(each["status"]) for each in found.get("status", {}).get("conditions", []) if each["type"] == kind), ""
    )


def baseline(home: str, name: str, **spec: Any) -> Manifest:
    """Return a ZeroTrustBaseline."""
    return {
        "apiVersion": "firedoor.dev/v1alpha1",
        "kind": "ZeroTrustBaseline",
        "metadata": {"name": name, "namespace": home},
        "spec": {key.replace("_", "-"): each for key, each in spec.items()},
    }


def baselines(home: str, name: str = "") -> str:
    """Return the path of the baselines of a namespace, or of one of them."""
    return f"{HOME}/namespaces/{home}/zerotrustbaselines" + (f"/{name}" if name else "")


def reports(home: str, name: str = "") -> str:
    """Return the path of the reports of a namespace, or of one of them."""
    return f"{HOME}/namespaces/{home}/connectivityreports" + (f"/{name}" if name else "")
