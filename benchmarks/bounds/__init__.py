"""Bounds: the smallest honest programs that do what is measured, and no more."""
