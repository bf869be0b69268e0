"""Envelopes: cut, sent by broker or mailbox, opened once."""
