"""What the hot path costs as history grows: databases of different sizes, measured beside each other in turns."""
