"""PostgreSQL and RabbitMQ for the tests from Docker Compose, where nothing is installed and nothing can be."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from pathlib import Path

from tests.services.process import ServiceFailed

COMPOSE_FILE = Path(__file__).with_name("compose.yml")
PORTS = {"postgres": 5432, "rabbitmq": 5672}
SECONDS = 600


def trouble() -> str:
    """Return why Docker Compose can't be used, or an empty string if it can: client, plugin and engine."""
    if shutil.which("docker") is None:
        return "docker is not installed"
    for command, missing in (
        (["docker", "compose", "version"], "docker has no compose plugin"),
        (["docker", "info"], "no docker engine answers"),
    ):
        if subprocess.run(command, capture_output=True, timeout=30, check=False).returncode != 0:
            return missing
    return ""


def compose(project: str, *arguments: str, password: str = "") -> str:
    """Run one compose command on a project of the tests' own; return its output.

    Raises:
        ServiceFailed: it refused.
    """
    command = ["docker", "compose", "--project-name", project, "--file", str(COMPOSE_FILE), *arguments]
    env = {**os.environ, "MASH_TEST_PASSWORD": password or "unused"}
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)
    if done.returncode != 0:
        raise ServiceFailed(f"docker compose {arguments[0]} refused: {done.stderr.strip()[-500:]}")
    return done.stdout


def start(service: str) -> tuple[str, str]:
    """Start one service; return its URL and the name of the project to take down afterwards."""
    project, password = f"mash-test-{secrets.token_hex(4)}", secrets.token_hex(16)
    try:
        compose(project, "up", "--detach", "--wait", service, password=password)
        address = compose(project, "port", service, str(PORTS[service]), password=password).strip()
    except ServiceFailed:
        stop(project)
        raise
    scheme, user, path = {
        "postgres": ("postgresql", "postgres", "postgres"),
        "rabbitmq": ("amqp", "mash", "%2F"),
    }[service]
    return f"{scheme}://{user}:{password}@{address}/{path}", project


def stop(project: str) -> None:
    """Take a project down with its volumes."""
    compose(project, "down", "--volumes", "--timeout", "10")
