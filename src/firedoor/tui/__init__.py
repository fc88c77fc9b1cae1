"""
The same answers in a full screen of a terminal, by keys: the map, explanations, findings.

View logic only: what is shown comes from `firedoor.api`. It is the only room that imports Textual, which is optional;
only the command ``firedoor tui`` opens it.
"""
