"""Erasure: what is held, what was proposed and approved, what was destroyed, and the ledger that outlives backups."""
