"""What is measured, beside its bound (the smallest honest program that does the same) and its peers."""
