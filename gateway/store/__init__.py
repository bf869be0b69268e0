"""What the gateway keeps: SQLite embedded, or PostgreSQL for many replicas, behind one interface.

``async with store.work() as work: ...; await work.commit()`` is one transaction: state, outbox and log commit together
or not at all. The store sees opaque ids, keyed hashes, times, states and bytes that were sealed before they came.
"""

from gateway.store.store import Store
from gateway.store.work import Reading, Work

__all__ = ["Reading", "Store", "Work"]
