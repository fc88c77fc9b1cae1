"""
Hypothesis strategies for whole clusters, as manifests that an API server accepts.

The alphabets are small on purpose: names, labels, ports and addresses must
collide often, or the generated policies would select nothing.
"""
