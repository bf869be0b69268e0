"""Work on the driver itself, for the paths that every message takes: few statements, each for a whole batch.

What repositories do for one record at a time through SQLAlchemy costs a message dozens of round trips. Here a
transaction reads in sets, writes in sets and commits, on the same tables and with the same guarantees.
"""

from gateway.store.direct.driver import Driver, DriverWork, Statements
from gateway.store.direct.rows import Rows
from gateway.store.direct.statement import Query, Write

__all__ = ["Driver", "DriverWork", "Query", "Rows", "Statements", "Write"]
