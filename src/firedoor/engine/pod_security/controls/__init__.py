"""The controls of the Pod Security Standards, one in each file."""
