"""The National Health Service's formats."""
