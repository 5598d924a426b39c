"""What is reported in the benchmarks: by a village member, a matter with one announced photo."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from benchmarks.browser import Browser
from grids.models import Post

OURS, BARE = "/api/v1/cases/", "/bare/report/"


@dataclass(frozen=True)
class Reporter:
    """A signed-in member and the code of their village."""

    browser: Browser
    grid: str

    @classmethod
    def ready(cls) -> Reporter:
        post = Post.objects.select_related("grid").get(user__username="scale_member")
        return cls(Browser("scale_member"), post.grid.code)

    def matter(self) -> dict[str, Any]:
        """A new matter with every call: nothing is sent twice."""
        return {
            "client_id": str(uuid.uuid4()),
            "grid": self.grid,
            "category": "A05",
            "severity": "ordinary",
            "title": "村东焚烧秸秆",
            "description": "村东地里有明火，烟往大路上飘。",
            "photos": [{"client_id": str(uuid.uuid4()), "sha256": "0" * 64}],
        }
