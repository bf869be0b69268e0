"""The Probation Service's formats."""
