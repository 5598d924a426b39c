"""The form by which a matter is reported from a phone: photos, a category, send. Everything else is optional."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from django import forms
from django.db.models import Count
from django.http import QueryDict

from cases.choices import Severity
from cases.forms.places import Places
from cases.models import Case, CaseCategory
from cases.services.filing import Location, Matter
from cases.services.photos import MOST_PHOTOS
from grids.location import locate
from grids.models import Grid
from grids.scope import Scope
from kernel.lifecycle import InvalidForm
from kernel.models import Photo
from kernel.refusal import Refused
from kernel.text import refuse_control_characters

# So many tiles fit on a phone above the button; what a place reports changes with the season.
_MOST_TILES = 8
_SEASON = timedelta(days=90)
# A fix that may be off by more does not tell one village from the next.
ACCURATE_ENOUGH_M = 500


@dataclass(frozen=True)
class CategoryTile:
    """A category as a large button: its name, and what the bracket behind the name explains."""

    code: str
    name: str
    hint: str
    is_chosen: bool


@dataclass(frozen=True)
class Categories:
    """The categories in use, and which of them stand on tiles. All in the order of the register."""

    every: tuple[CaseCategory, ...]
    usual: frozenset[str]

    def tiles(self, chosen: str) -> list[CategoryTile]:
        return [_tile(category, chosen) for category in self.every if category.code in self.usual]

    def others(self, chosen: str) -> list[tuple[str, list[CategoryTile]]]:
        """The rest, under their kind of pollution."""
        groups: dict[str, list[CategoryTile]] = {}
        for category in self.every:
            if category.code not in self.usual:
                groups.setdefault(category.pollution_type, []).append(_tile(category, chosen))
        return list(groups.items())


def _tile(category: CaseCategory, chosen: str) -> CategoryTile:
    name, _, hint = category.name.partition("（")
    return CategoryTile(category.code, name, hint.removesuffix("）"), category.code == chosen)


def read_categories(scope: Scope, at: datetime) -> Categories:
    """On tiles: what was reported most in one's own reach this season, then what a village puts right itself.

    They stand in the order of the register, not of the count: a thumb finds them where they were yesterday.
    Two queries.
    """
    recent = Case.objects.visible_to(scope).filter(created_at__gte=at - _SEASON).order_by()
    counts = dict(recent.values_list("category_id").annotate(Count("pk")))
    every = tuple(CaseCategory.objects.filter(is_active=True))
    ranked = sorted(every, key=lambda row: (-counts.get(row.pk, 0), not row.self_handling_allowed))
    return Categories(every, frozenset(row.code for row in ranked[:_MOST_TILES]))


def _text(**options: Any) -> forms.CharField:
    """Words as they came; how long they may be is said by the service."""
    return forms.CharField(required=False, validators=[refuse_control_characters], **options)


class PhoneForm(forms.Form):
    """What a person reports on the spot. Only what cannot be kept is turned away here: the service checks the rest,
    and `take_back` shows what it said.
    """

    photos = forms.Field(required=False)
    grid = forms.CharField(required=False)
    category = forms.CharField(error_messages={"required": "请选择问题类别"})
    severity = forms.CharField(required=False, empty_value=Severity.ORDINARY, initial=Severity.ORDINARY)
    description, place, no_photo_reason = _text(), _text(), _text()
    without_location = forms.BooleanField(required=False)
    lon, lat, accuracy = (forms.CharField(required=False) for _ in range(3))
    client_id = forms.UUIDField(required=False)

    def __init__(self, places: Places, categories: Categories, sent: QueryDict | None = None) -> None:
        super().__init__(sent, initial={"client_id": uuid.uuid4()})
        self.places = places
        self.kept: list[Photo] = []
        self.sent_before = ""
        self._categories = categories

    def clean(self) -> None:
        if not self.cleaned_data.get("client_id"):
            self.add_error(None, "此页已过时，请再提交一次。")
            self._renew()

    # --- what the template shows ------------------------------------------------------------------------------------

    @property
    def sentences(self) -> list[str]:
        """All that is wrong, for the top of the page: what has to be changed may lie far below."""
        return [sentence for sentences in self.errors.values() for sentence in sentences]

    @property
    def tiles(self) -> list[CategoryTile]:
        return self._categories.tiles(self._chosen("category"))

    @property
    def other_tiles(self) -> list[tuple[str, list[CategoryTile]]]:
        return self._categories.others(self._chosen("category"))

    @property
    def chose_another(self) -> bool:
        chosen = self._chosen("category")
        return bool(chosen) and chosen not in self._categories.usual

    @property
    def severities(self) -> list[tuple[str, str, bool]]:
        """Value, label, and whether it is the chosen one."""
        chosen = self._chosen("severity") or Severity.ORDINARY
        return [(value, label, value == chosen) for value, label in Severity.choices]

    @property
    def grid_groups(self) -> list[tuple[str, list[tuple[str, str, bool]]]]:
        """Code, name, and whether it is the chosen one, under the work area."""
        chosen = self._chosen("grid")
        return [(name, [(code, label, code == chosen) for code, label in rows]) for name, rows in self.places.groups]

    @property
    def only_grid(self) -> Grid | None:
        """Where this person reports from, when there is nothing to choose."""
        return self.places.grids[0] if len(self.places.grids) == 1 else None

    @property
    def may_drop_location(self) -> bool:
        return "without_location" in self.errors or bool(self._chosen("without_location"))

    def _chosen(self, name: str) -> str:
        return self.data.get(name, "")

    # --- what the door asks -----------------------------------------------------------------------------------------

    @property
    def kept_uuids(self) -> list[str]:
        """The numbers of the photos that came with this form before and were not taken out of it."""
        return self.data.getlist("kept")[:MOST_PHOTOS]

    def standing_at(self) -> Grid:
        """The grid to write on the photos: the chosen one, the one of the location, or all of one's own place.

        Right, if coarse, even when the rest of the form is not.
        """
        chosen = next((grid for grid in self.places.grids if grid.code == self._chosen("grid")), None)
        location = self._location()
        located = locate(location.lon, location.lat) if chosen is None and location else None
        if chosen or located:
            return chosen or located.grid
        return self.places.grids[0] if self.places.grids else self.places.towns[0].parent

    def matter(self) -> Matter:
        """What a valid form says, with the photos kept so far."""
        names = ("grid", "category", "severity", "description", "place", "no_photo_reason")
        values = {name: self.cleaned_data[name] for name in names}
        return Matter(**values, location=self._location(), photos=self.kept)

    def _location(self) -> Location | None:
        """Where the phone says it is. A fix without accuracy, as of a simulator, or a rough one is none."""
        numbers = [_number(self._chosen(name)) for name in ("lon", "lat", "accuracy")]
        if self._chosen("without_location") or None in numbers:
            return None
        lon, lat, accuracy = numbers
        return Location(lon, lat) if 0 < accuracy <= ACCURATE_ENOUGH_M else None

    def take_back(self, refused: Refused) -> None:
        """Show what the service said. A form whose number was used for something else gets a new one."""
        sentences = refused.errors if isinstance(refused, InvalidForm) else {"": refused.sentence}
        for name, sentence in sentences.items():
            self.say(_SHOWN_AT.get(name, name), sentence)
        if refused.code == "different_content":
            self.sent_before = str(self.cleaned_data["client_id"])
            self._renew()

    def say(self, name: str, sentence: str) -> None:
        self.add_error(name if name in self.fields else None, sentence)

    def _renew(self) -> None:
        self.data = self.data.copy()
        self.data["client_id"] = str(uuid.uuid4())


_SHOWN_AT = {"location": "without_location"}


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if isfinite(number) else None
