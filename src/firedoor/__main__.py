"""Lets ``python -m firedoor`` do what the command does."""

from firedoor.cli.main import main

if __name__ == "__main__":
    main()
