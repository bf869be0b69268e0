"""Peers: what somebody might use instead, each as a process of its own."""
