"""What a page says to a person and asks of a browser."""

from __future__ import annotations

import re
from html.parser import HTMLParser

_VOID = frozenset({"img", "input", "br", "hr", "link", "meta", "use", "path", "source"})
_READ_ALOUD = frozenset({"title", "placeholder", "alt", "aria-label"})
_FETCHED = frozenset({"src", "href", "action", "formaction", "srcset", "data", "poster"})
# Where a page says what is wrong: at a field, above a form, on a page of its own.
_COMPLAINS = frozenset({"field-error", "alert-line", "plain-card"})
_OURS = re.compile(r"(?!https?:|//)|https?://testserver/")
_WORD = re.compile(r"[A-Za-z]{2,}")


class Page(HTMLParser):
    """A page taken apart: `texts` that are read or heard, `complaints` among them, `addresses` that are fetched or gone
    to, `links` that can be followed. Codes, as of a grid or a hash, are no words and stand apart in elements of the
    class `code`.
    """

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.complaints: list[str] = []
        self.addresses: list[str] = []
        self.links: list[str] = []
        self._around: list[frozenset[str]] = []
        self.feed(markup)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, dict(attrs))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._note(tag, dict(attrs))
        if tag not in _VOID:
            self._around.append(frozenset([tag, *(dict(attrs).get("class") or "").split()]))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _VOID:
            self._around.pop()

    def handle_data(self, data: str) -> None:
        around = frozenset().union(*self._around)
        if not data.strip() or around & {"script", "style", "code"}:
            return
        self.texts.append(data.strip())
        if around & _COMPLAINS:
            self.complaints.append(data.strip())

    def _note(self, tag: str, values: dict[str, str | None]) -> None:
        self.texts += [values[name] or "" for name in _READ_ALOUD & set(values)]
        self.addresses += [values[name] or "" for name in _FETCHED & set(values)]
        if tag in ("a", "link") and not (values.get("href") or "#").startswith(("#", "tel:", "mailto:")):
            self.links.append(values["href"] or "")
        if tag == "input" and values.get("type") in ("submit", "button"):
            self.texts.append(values.get("value") or "")

    @property
    def foreign_addresses(self) -> list[str]:
        return [address for address in self.addresses if not _OURS.match(address)]

    @property
    def latin_words(self) -> set[str]:
        return {word for text in self.texts for word in _WORD.findall(text)}
