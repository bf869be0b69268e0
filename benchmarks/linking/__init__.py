"""What linking one notification costs, as more and more people are known."""
