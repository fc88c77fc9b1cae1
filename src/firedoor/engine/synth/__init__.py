"""
Least-privilege network policies for connections that are needed, proved by the engine that judges clusters.

`basis` modules say what is needed, `groups` how pods are selected, `drafts` what each workload may do, `kinds` how
an API writes that, and `proving` whether what was written does it and nothing else.
"""
