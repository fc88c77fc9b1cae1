"""
Attack paths: pods, nodes, identities, permissions and connections that policies accept, joined in one graph.

A vertex is a standing (what somebody holds) or a means (a technique at one place). An edge from
a standing to a means says that it can be used from there, one from a means to a standing what it
gives; so whatever many can use, and whatever gives much, costs one edge each.
"""
