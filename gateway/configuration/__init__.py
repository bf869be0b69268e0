"""The hub's configuration: its file read and checked, its versions kept, the one in force taken up."""

from gateway.configuration.live import Configuration

__all__ = ["Configuration"]
