"""Where `bin/run` listens: `HOST` and `PORT`, checked before anything is begun. Standard library only."""

from __future__ import annotations

import errno
import socket
from dataclasses import dataclass
from ipaddress import ip_address


class CannotStart(Exception):
    """Its text is the Chinese sentence for the person at the terminal."""


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    @property
    def is_open(self) -> bool:
        """True when other machines can reach it."""
        return self.host != "localhost" and not _is_loopback(self.host)

    @property
    def url_host(self) -> str:
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)
        return f"[{host}]" if ":" in host else host

    @property
    def url(self) -> str:
        return f"http://{self.url_host}:{self.port}/"


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def read_address(environment: dict[str, str]) -> Address:
    """`HOST` and `PORT`, refused by name when they cannot be right."""
    port = environment.get("PORT") or "8000"
    if not port.isdecimal() or not 1 <= int(port) <= 65535:
        raise CannotStart(f"PORT={port!r} 无效，应为 1 到 65535 的整数。")
    return Address((environment.get("HOST") or "127.0.0.1").strip("[]"), int(port))


def check_is_free(address: Address) -> None:
    """Refuses an address that somebody uses, that is not ours or that needs more rights, before anything is begun."""
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        family, kind, protocol, _, target = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
    except socket.gaierror:
        raise CannotStart(f"HOST={address.host!r} 无效，应为本机的地址或名称。") from None
    except PermissionError:
        raise CannotStart(f"没有权限使用端口 {address.port}，请换一个 1024 以上的：PORT=8000 bin/run") from None
    except OSError as error:
        if error.errno == errno.EADDRNOTAVAIL:
            raise CannotStart(f"HOST={address.host!r} 不是本机的地址。") from None
        raise CannotStart(
            f"{address.host}:{address.port} 不可用（{error.strerror}），多半是已被别的程序占用。"
            f"请换一个端口：PORT={address.port % 65535 + 1} bin/run"
        ) from None


def allowed_hosts(address: Address) -> list[str]:
    """The names under which this machine may be asked for, when the environment does not list them."""
    hosts = ["127.0.0.1", "localhost", "[::1]"]
    if address.is_open:
        hosts += [address.url_host, socket.gethostname(), socket.getfqdn(), *_own_addresses()]
    return list(dict.fromkeys(hosts))


def _own_addresses() -> list[str]:
    """The address of the interface that leads to other networks; none on a machine without one. Nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
        except OSError:
            return []
        return [probe.getsockname()[0]]
