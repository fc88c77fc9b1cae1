from __future__ import annotations

import pytest

from firedoor.errors import UsageError
from firedoor.usecases.questions import cni_profile, parse_labels


def test_labels_are_written_as_for_kubectl() -> None:
    found = parse_labels("app=web,env!=dev")
    assert found is not None
    assert (found.matches({"app": "web"}), found.matches({"app": "web", "env": "dev"})) == (True, False)
    assert parse_labels("") is None
    with pytest.raises(UsageError, match="write it as kubectl does"):
        parse_labels("a in")


def test_a_profile_is_named() -> None:
    assert cni_profile("calico").name == "calico"
    with pytest.raises(UsageError, match="there is no CNI profile 'weavenet'; use one of spec, "):
        cni_profile("weavenet")
