"""Intake: messages from senders to their end states, over HTTP, MLLP and the broker."""
