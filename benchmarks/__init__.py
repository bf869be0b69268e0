"""What is measured, with its bounds and its peers."""
