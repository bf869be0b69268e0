"""Simulated agencies, people and their provider, which know a hub from outside only: they speak the wire."""
