"""Results as text: pure functions that print nothing except through a Console handed to them."""
