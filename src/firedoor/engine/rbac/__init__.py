"""
Who may ask the API server for what, as its RBAC authorizer decides, and who could come by that right.

The node authorizer, webhooks and ABAC are not evaluated: what they permit on top is not known here.
"""
