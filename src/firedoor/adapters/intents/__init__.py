"""Files of intents: read strictly, so that a misspelt key never makes an intent hold."""

from firedoor.adapters.intents.baselines import read_baseline
from firedoor.adapters.intents.reading import API_VERSION, PlacedDocument, read_intents

__all__ = ["API_VERSION", "PlacedDocument", "read_baseline", "read_intents"]
