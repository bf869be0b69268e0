"""The stories that a hub must get right, played over the wire, each sentence of them an expectation."""
