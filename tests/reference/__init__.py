"""
The naive reading of the Kubernetes API that the product's engine is held against.

Nothing here may import the product: two independent readings of one
specification are worth more than one reading used twice. Everything works on
manifests as YAML gives them, one connection at a time.
"""
