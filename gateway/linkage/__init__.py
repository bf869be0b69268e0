"""Linkage measured and trained: a generated borough, the FEBRL pairs, and Splink beside the hub's own decisions."""
