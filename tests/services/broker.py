"""A private RabbitMQ from installed binaries: its own node name, ports, data, cookie and port mapper."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from tests.services import probe
from tests.services.process import Process, ServiceFailed, free_port

FOLDERS = ("/usr/lib/rabbitmq/bin", "/opt/homebrew/sbin", "/usr/local/sbin", "/opt/rabbitmq/sbin")
SECONDS = 120.0
# What RabbitMQ lets in from the loopback, where no definitions say otherwise.
GUEST = "guest"


def binaries() -> Path | None:
    """Return the folder that holds the server's own scripts, or nothing.

    Debian's wrapper on the path comes last: it insists on the system's user and node.
    """
    on_path = shutil.which("rabbitmq-server")
    folders = [*map(Path, FOLDERS), *([Path(on_path).resolve().parent] if on_path else [])]
    return next((folder for folder in folders if (folder / "rabbitmq-server").exists()), None)


@dataclass(frozen=True, kw_only=True)
class Tls:
    """Files for a TLS listener, PEM."""

    ca: Path
    certificate: Path
    key: Path


@dataclass(frozen=True, kw_only=True)
class PrivateBroker:
    """One RabbitMQ node of the tests' own, on 127.0.0.1. With a definitions file it has that file's users alone."""

    port: int
    tls_port: int | None
    folder: Path
    process: Process
    mapper: Process

    def url(self, user: str = GUEST, password: str = GUEST, vhost: str = "/", *, tls: bool = False) -> str:
        """Return the AMQP URL of one user in one virtual host."""
        scheme, port = ("amqps", self.tls_port) if tls else ("amqp", self.port)
        return f"{scheme}://{quote(user, safe='')}:{quote(password, safe='')}@127.0.0.1:{port}/{quote(vhost, safe='')}"

    def start(self) -> int:
        """Start the node, again after a kill or a stop; return its warden's process id."""
        if self.mapper.warden is None:
            self.mapper.start()
        return self.process.start()

    def kill(self) -> None:
        """End the node at once. What it has confirmed must survive."""
        self.process.kill()

    def stop(self) -> None:
        """Shut the node down in order; it may be started again."""
        self.process.stop()

    def close(self) -> None:
        """Stop it and remove all it wrote."""
        self.process.stop()
        self.mapper.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def ctl(self, *arguments: str) -> str:
        """Run rabbitmqctl against this node; return what it says, quietly formatted.

        Raises:
            ServiceFailed: it refused.
        """
        command = [str(Path(self.process.command[0]).with_name("rabbitmqctl")), "--quiet", *arguments]
        done = subprocess.run(command, env=dict(self.process.env), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise ServiceFailed(f"rabbitmqctl {arguments[0]} refused: {done.stderr.strip()[-500:]}")
        return done.stdout


def configuration(*, port: int, tls_port: int | None, definitions: Path | None, tls: Tls | None, more: str = "") -> str:
    """Return the node's rabbitmq.conf; ``more`` are lines that come first, and give way."""
    rows = [
        more,
        f"listeners.tcp.default = 127.0.0.1:{port}",
        "disk_free_limit.absolute = 50MB",
        "log.console = true",
        "log.console.level = info",
        "log.file = false",
    ]
    if definitions is not None:
        rows.append(f"load_definitions = {definitions}")
    if tls is not None:
        rows += [
            f"listeners.ssl.default = 127.0.0.1:{tls_port}",
            f"ssl_options.cacertfile = {tls.ca}",
            f"ssl_options.certfile = {tls.certificate}",
            f"ssl_options.keyfile = {tls.key}",
            "ssl_options.verify = verify_peer",
            "ssl_options.fail_if_no_peer_cert = false",
        ]
    return "\n".join(rows) + "\n"


def private_broker(
    *, owner: int, definitions: Path | None = None, tls: Tls | None = None, more: str = ""
) -> PrivateBroker:
    """Prepare a node with fresh data on free loopback ports; call ``start`` next.

    Raises:
        ServiceFailed: no binaries of RabbitMQ or of Erlang's port mapper.
    """
    found, epmd = binaries(), shutil.which("epmd")
    if found is None or epmd is None:
        raise ServiceFailed("no RabbitMQ server is installed")
    folder = Path(tempfile.mkdtemp(prefix="mash-rabbitmq-"))
    port, distribution, mapper_port = free_port(), free_port(), free_port()
    tls_port = None if tls is None else free_port()
    settings = folder / "rabbitmq.conf"
    settings.write_text(
        configuration(port=port, tls_port=tls_port, definitions=definitions, tls=tls, more=more), encoding="utf-8"
    )
    (folder / "enabled_plugins").write_text("[].\n", encoding="ascii")
    (folder / "empty.conf").touch()
    cookie = folder / ".erlang.cookie"
    cookie.write_text(secrets.token_hex(16), encoding="ascii")
    cookie.chmod(0o400)
    env = {
        "PATH": os.pathsep.join([str(Path(epmd).parent), "/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin", "/sbin"]),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(mapper_port),
        "RABBITMQ_NODENAME": f"mash-{secrets.token_hex(4)}@localhost",
        "RABBITMQ_DIST_PORT": str(distribution),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "empty.conf"),
        "RABBITMQ_CONFIG_FILE": str(settings),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
        "RABBITMQ_GENERATED_CONFIG_DIR": str(folder / "generated"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_PID_FILE": str(folder / "node.pid"),
        # The tests share the machine: no scheduler spins while it waits.
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+sbwt none +sbwtdcpu none +sbwtdio none",
    }
    mapper = Process(
        name="epmd",
        folder=folder,
        owner=owner,
        command=[epmd, "-port", str(mapper_port), "-address", "127.0.0.1"],
        env=env,
        ready=lambda: probe.listens(mapper_port),
    )
    process = Process(
        name="rabbitmq",
        folder=folder,
        owner=owner,
        command=[str(found / "rabbitmq-server")],
        env=env,
        ready=lambda: probe.speaks_amqp(port),
        remove=folder,
        seconds=SECONDS,
    )
    return PrivateBroker(port=port, tls_port=tls_port, folder=folder, process=process, mapper=mapper)
