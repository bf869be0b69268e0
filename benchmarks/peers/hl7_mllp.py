"""python-hl7's own MLLP server as its documentation uses it: parse, one SQLite commit a message, ``create_ack``.

python -m benchmarks.peers.hl7_mllp PORT FILE
"""

from __future__ import annotations

import asyncio
import sqlite3
import sys

import hl7
from hl7.mllp import HL7StreamReader, HL7StreamWriter, start_hl7_server


async def serve(port: int, path: str) -> None:
    """Take messages until told to stop."""
    connection = sqlite3.connect(path, isolation_level=None)
    for setting in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("CREATE TABLE messages (number INTEGER PRIMARY KEY, control_id TEXT, message TEXT NOT NULL)")

    async def take(reader: HL7StreamReader, writer: HL7StreamWriter) -> None:
        try:
            while True:
                message: hl7.Message = await reader.readmessage()
                row = (str(message.segment("MSH")[10]), str(message))
                connection.execute("INSERT INTO messages (control_id, message) VALUES (?, ?)", row)
                writer.writemessage(message.create_ack())
                await writer.drain()
        except asyncio.IncompleteReadError:
            pass  # the sender is done
        finally:
            writer.close()

    async with await start_hl7_server(take, port=port, host="127.0.0.1", encoding="latin-1") as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), sys.argv[2]))
