"""Property tests here are judged by what they find, not by how long a busy machine takes over an example."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile("routing", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("routing")
