"""The first day of a hub: its file, its master key, its certificates, its broker's users."""
