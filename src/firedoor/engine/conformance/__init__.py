"""
What a network plugin really enforces: cases as data, what the engine expects of them, and what observations mean.

The cases say no outcome. What must be seen is what the engine concludes from their
policies under the API text, and under each CNI profile where the text leaves it open.
"""
