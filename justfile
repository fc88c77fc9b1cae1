# The words of daily work. CI runs `.ci/run`, which is `just check`.

default:
    @just --list

# Everything CI checks, in a fresh environment.
check:
    bash .ci/run

# The tests; arguments go to pytest.
test *args:
    uv run --group test pytest {{ args }}

# ruff, mypy and the import contracts, as in CI.
lint:
    uv run --group lint ruff check
    uv run --group lint ruff format --check
    uv run --group lint --group test mypy
    uv run --group lint lint-imports

# Mend what the linters can mend.
fix:
    uv run --group lint ruff check --fix
    uv run --group lint ruff format

# The compiled part of this checkout (Rust), and its linters.
native:
    uv run python tools/build_native.py
    cargo fmt --manifest-path native/Cargo.toml --check
    cargo clippy --manifest-path native/Cargo.toml --release --locked -- --deny warnings

# The page of `firedoor ui` from frontend/ (Node.js); with `--check` whether what is committed is that of the sources (without).
page *args:
    uv run python -m tools.build_page {{ args }}

# The documentation, strictly.
docs:
    uv run --group docs mkdocs build --strict

# What the commands in the documentation print, written anew into its pages; without --update only compared.
docs-run *args="--update":
    uv run --group test python -m tests.docs {{ args }}

# The pictures of the documentation (needs a Chromium).
pictures:
    uv run python tools/build_pictures.py

# The manual pages, into build/man.
man *args:
    uv run python tools/build_man.py {{ args }}

# The benchmarks, small; `just bench --help` for the rest.
bench *args="--smoke":
    uv run python -m benchmarks {{ args }}

# What is deployed and comes from the code, the documentation and the chart.
deploy-files *args:
    uv run python -m tools.build_deploy {{ args }}

# The bill of materials, as CycloneDX JSON.
sbom *args:
    @uv run python tools/build_sbom.py {{ args }}

# The tests with the long Hypothesis profile and no time limit on a test.
thorough *args:
    FIREDOOR_HYPOTHESIS=thorough uv run --group test pytest --timeout=0 {{ args }}

# A real Kubernetes control plane on this machine, or with `--node` (as root) a whole cluster (docs: explanation/lab.md).
lab-up *args:
    uv run --group test python -m lab up {{ args }}

# What of it runs; with `--node` also what is lacking for a node.
lab-status *args:
    uv run --group test python -m lab status {{ args }}

# End it, and remove its files.
lab-down:
    uv run --group test python -m lab down
