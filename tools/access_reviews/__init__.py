"""Records what a real API server answers about generated roles, bindings and questions; see ``__main__``."""
