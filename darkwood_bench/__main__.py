"""`python -m darkwood_bench` is `darkwood`."""

from darkwood_bench.cli import main

main()
