"""
What a regular review finds in the policies of a network, held against the connections that were observed.

A rule is used where the peers and ports that it was compiled to match a connection that went through.
"""
