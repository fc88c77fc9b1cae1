"""Zero trust for Kubernetes, as one closed loop."""

__version__ = "0.1.0.dev0"
