"""
Whether a network holds to what people mean it to do.

Stands on `firedoor.engine.reach`; a pure function of a network and intents.
"""

from firedoor.engine.assertions.verifying import Verifier

__all__ = ["Verifier"]
