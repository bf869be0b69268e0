"""What ``mash adapters`` does for those who write adapters: lay one out, find it, check it, and say how good it is."""
