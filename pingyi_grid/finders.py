"""The few files of the browser libraries that pages use, taken from node_modules, and nothing else of it."""

import re
from collections.abc import Iterable, Iterator

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.exceptions import ImproperlyConfigured
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

LIBRARIES = {
    "lib/tabler/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "lib/tabler/tabler.min.js": "@tabler/core/dist/js/tabler.min.js",
}
# The maps are larger than the files and of use to nobody here; a comment that names one makes collecting fail.
_SOURCE_MAP = re.compile(rb"\n?(/\*|//)# sourceMappingURL=\S+( \*/)?\s*$")


class LibraryStorage(FileSystemStorage):
    """Reads a library's file by the name that pages use, without the comment that points to its map."""

    def path(self, name: str) -> str:
        return str(settings.BASE_DIR / "node_modules" / LIBRARIES[name])

    def _open(self, name: str, mode: str = "rb") -> ContentFile:
        with open(self.path(name), mode) as file:
            return ContentFile(_SOURCE_MAP.sub(b"", file.read()), name)


class BrowserLibraryFinder(BaseFinder):
    storage = LibraryStorage()

    def check(self, **_kwargs: object) -> list:
        return []

    def find(self, path: str, find_all: bool = False, **_kwargs: object) -> str | list[str]:
        found = path in LIBRARIES and self.storage.exists(path)
        if find_all:
            return [self.storage.path(path)] if found else []
        return self.storage.path(path) if found else []

    def list(self, _ignore_patterns: Iterable[str]) -> Iterator[tuple[str, FileSystemStorage]]:
        missing = [name for name in LIBRARIES if not self.storage.exists(name)]
        if missing:
            raise ImproperlyConfigured(f"缺少浏览器库 {'、'.join(missing)}，请先运行 npm ci")
        for name in LIBRARIES:
            yield name, self.storage
