"""Evaluation: the hub's figures of a period, out of its records and into tables, files and charts."""
