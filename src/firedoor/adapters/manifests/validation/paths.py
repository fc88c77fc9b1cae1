"""The rules on paths of files: relative ones that stay within their volume."""

from firedoor.adapters.manifests.validation.problems import Problem, invalid

INSIDE = "write a path that stays within its volume, without a leading slash and without .."


def validate_no_backsteps(value: str, path: str) -> list[Problem]:
    """Return the problem of a path that goes up with ``..``."""
    if ".." not in value.split("/"):
        return []
    return [invalid(path, value, "must not contain '..'", remedy="write the path without ..")]


def validate_descending(value: str, path: str) -> list[Problem]:
    """Return the problems of a path that must be relative and stay below."""
    problems = [invalid(path, value, "must be a relative path", remedy=INSIDE)] if value.startswith("/") else []
    return problems + validate_no_backsteps(value, path)


def validate_file_path(value: str, path: str) -> list[Problem]:
    """Return the problems of a path in a volume whose names beginning with ``..`` are the kubelet's."""
    problems = validate_descending(value, path)
    if value.startswith("..") and not value.startswith("../") and ".." not in value.split("/"):
        problems.append(invalid(path, value, "must not start with '..'", remedy=INSIDE))
    return problems
