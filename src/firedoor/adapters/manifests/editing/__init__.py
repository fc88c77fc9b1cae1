"""Changes of manifests as text: only what has to change is touched, and whoever is unsure refuses."""
