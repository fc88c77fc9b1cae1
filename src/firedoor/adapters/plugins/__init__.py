"""Checks of installed packages (entry points ``firedoor.checks``), loaded only where a configuration names them."""
