"""Write a cluster as ``kubectl get -o json`` prints it: ``python -m benchmarks.generate --pods 150000 OUT.json``."""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from pathlib import Path

from benchmarks.scale.document import write_cluster
from benchmarks.scale.size import Size, Variant


def main() -> None:
    """Write the cluster that the arguments describe."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.generate", description=__doc__)
    parser.add_argument("out", type=Path, metavar="OUT.json")
    parser.add_argument("--pods", type=int, default=10_000)
    parser.add_argument("--policies", type=int, help="NetworkPolicies; one for 5 pods unless said")
    parser.add_argument("--namespaces", type=int, help="one for 20 pods unless said")
    parser.add_argument("--nodes", type=int, help="one for 30 pods unless said")
    parser.add_argument("--cluster-policies", type=int, default=0, help="ClusterNetworkPolicies; none unless said")
    parser.add_argument(
        "--bindings", type=int, default=0, help="role bindings, with roles and accounts; none unless said"
    )
    parser.add_argument("--variant", type=Variant, choices=list(Variant), default=Variant.ORDINARY)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--owners", action="store_true", help="write Deployments, ReplicaSets, Jobs, ... too")
    parser.add_argument("--indent", action="store_true", help="indent by four, as kubectl does")
    chosen = parser.parse_args()
    given = {
        name: getattr(chosen, name)
        for name in ("policies", "namespaces", "nodes", "cluster_policies", "bindings")
        if getattr(chosen, name) is not None
    }
    started = time.perf_counter()
    try:
        size = dataclasses.replace(Size.of(chosen.pods, chosen.variant), **given)
        plan = write_cluster(chosen.out, size, chosen.seed, indented=chosen.indent, with_owners=chosen.owners)
    except (ValueError, OSError) as error:
        sys.exit(f"{parser.prog}: {error}")
    print(
        f"{chosen.out}: {chosen.out.stat().st_size / 1e6:.1f} MB, {size.pods} pods of {len(plan.workloads)} workloads, "
        f"{len(plan.namespaces)} namespaces, {size.nodes} nodes, {size.policies} policies, "
        f"{size.cluster_policies} cluster policies, {size.bindings} bindings, {chosen.variant}, "
        f"{time.perf_counter() - started:.1f} s"
    )


if __name__ == "__main__":
    main()
