"""What the hub itself takes down: its own form, filled in by a referrer or at the telephone."""
