"""What police forces send."""
