"""Data subjects: what they are told of what is held on them, and how it is corrected."""
