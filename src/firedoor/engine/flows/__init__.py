"""What records of flows mean: sightings of connections, who an address was at a time, and edges between workloads."""
