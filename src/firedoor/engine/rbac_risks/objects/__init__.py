"""What can be wrong with roles, bindings and service accounts beside the permissions themselves; one file each."""
