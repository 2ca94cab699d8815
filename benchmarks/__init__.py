"""How fast and how heavy the product is; see `python -m benchmarks --help`."""
