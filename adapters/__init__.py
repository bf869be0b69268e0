"""Native bytes to canonical notifications and back to the sender: one folder per sector. Pure."""
