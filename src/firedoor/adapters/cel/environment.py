"""CEL as custom checks have it: the language, its variables, and the libraries of Kubernetes that there are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cel_expr_python import cel

from firedoor.adapters.cel.kubernetes_functions import FUNCTIONS, Shape

if TYPE_CHECKING:
    from cel_expr_python.cel import Env, Expression

_EXTENSIONS = ("optional", "strings", "sets")
VARIABLES = ("object", "namespaceObject", "params")
_TYPES = {Shape.TEXT: cel.Type.STRING, Shape.TRUTH: cel.Type.BOOL, Shape.NUMBER: cel.Type.INT}
_SHOWN = 400


class ExpressionError(Exception):
    """An expression that is no CEL, or has another type than it must."""


def environment() -> Env:
    """Return what expressions are compiled in."""
    names = "".join(f"- name: {each}\n" for each in _EXTENSIONS)
    functions = [
        cel.FunctionDecl(
            name,
            [
                cel.Overload(
                    f"{name}_{'_'.join(takes)}",
                    _TYPES[gives],
                    [_TYPES[each] for each in takes],
                    is_member=is_member,
                    impl=function,
                )
                for is_member, takes, gives, function in overloads
            ],
        )
        for name, overloads in FUNCTIONS.items()
    ]
    return cel.NewEnv(
        config=cel.NewEnvConfigFromYaml(f"name: firedoor\nextensions:\n{names}"),
        variables=dict.fromkeys(VARIABLES, cel.Type.DYN),
        functions=functions,
    )


def compiled(env: Env, text: str, shape: Shape) -> Expression:
    """Return an expression of a type, or of one that only its value tells; raises `ExpressionError`."""
    wanted = _TYPES[shape]
    try:
        found = env.compile(text)
    except (RuntimeError, ValueError, TypeError) as error:
        raise ExpressionError(_cleaned(str(error))) from error
    if found.return_type() not in (wanted, cel.Type.DYN):
        name = {Shape.TRUTH: "true or false", Shape.TEXT: "a text"}[shape]
        raise ExpressionError(f"it gives {str(found.return_type()).lower()}, expected {name}")
    return found


def _cleaned(text: str) -> str:
    """Return the first fault of what the compiler says, without its drawing of the expression."""
    first = text.split("ERROR: ", 2)[1] if "ERROR: " in text else text
    line = first.splitlines()[0].removeprefix("<input>:")
    return line.removesuffix("[INVALID_ARGUMENT]").removeprefix("INVALID_ARGUMENT: ").strip()[:_SHOWN]
