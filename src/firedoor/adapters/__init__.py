"""The only code that touches the world: manifests, clusters and saved snapshots in, results out."""
