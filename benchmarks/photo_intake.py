"""How long a photo takes to be taken in, and how much memory a process needs for it.

    .venv/bin/python benchmarks/photo_intake.py        # one line of JSON per photo; each in a process of its own

A photo is grain over a gradient, which JPEG makes about as large as a phone's (0.3 bytes a pixel).
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PHOTOS = {
    "12 MP JPEG": (4032, 3024, "JPEG"),
    "48 MP JPEG": (8064, 6048, "JPEG"),
    "48 MP progressive JPEG": (8064, 6048, "PROGRESSIVE"),
    "3 MP PNG (screenshot)": (1240, 2688, "PNG"),
    "48 MP PNG": (8064, 6048, "PNG"),
}
MARK = "2026-11-23 09:30\n仲村镇/东工作区/东阳堌村\n张三"


def write_photo(path: Path, width: int, height: int, kind: str) -> None:
    from PIL import Image

    grain = Image.effect_noise((width, height), 12)
    gradient = Image.linear_gradient("L").resize((width, height))
    image = Image.merge("RGB", (grain, gradient, Image.blend(grain, gradient, 0.5)))
    if kind == "PNG":
        image.quantize(64).convert("RGB").save(path, "PNG", compress_level=1)
        return
    image.save(path, "JPEG", quality=85, progressive=kind == "PROGRESSIVE")


def measure(path: Path) -> dict[str, float | int]:
    """Seconds of the second of two runs (the first loads font and codecs), and MB: before, and at the peak."""
    import django

    django.setup()
    from django.core.files import File

    from kernel.images.darkroom import develop

    before = memory("VmRSS")
    with path.open("rb") as file:
        develop(File(file), MARK)
        started = time.perf_counter()
        develop(File(file), MARK)
        seconds = time.perf_counter() - started
    return {
        "seconds": round(seconds, 2),
        "before_mb": before,
        "peak_mb": memory("VmHWM"),
        "after_mb": memory("VmRSS"),
    }


def memory(name: str) -> int:
    """MB of this process; not `ru_maxrss`, which a child inherits from its parent."""
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(name))
    return round(int(line.split()[1]) / 1024)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"PINGYI_VAR": folder, "DJANGO_SETTINGS_MODULE": "pingyi_grid.settings"}
        for name, (width, height, kind) in PHOTOS.items():
            path = Path(folder) / "photo"
            write_photo(path, width, height, kind)
            done = subprocess.run(
                [sys.executable, "-m", "benchmarks.photo_intake", str(path)],
                cwd=ROOT,
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            )
            size = {"photo": name, "file_mb": round(path.stat().st_size / 1024 / 1024, 1)}
            print(json.dumps(size | json.loads(done.stdout), ensure_ascii=False))


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(Path(sys.argv[1]))))
    else:
        main()
