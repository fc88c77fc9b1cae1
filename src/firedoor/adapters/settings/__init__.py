"""What people set for firedoor: the configuration ``.firedoor.yaml``, read strictly, and baselines."""
