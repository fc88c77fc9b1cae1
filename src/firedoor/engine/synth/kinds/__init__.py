"""How each policy API writes a draft: one module per API."""
