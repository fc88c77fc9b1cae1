"""
How policies stand to each other: what each adds, which do without which, and which get in each other's way.

Decides on the programs that verdicts come from; whether an answer is good or bad is not judged here.
"""
