"""Photos of a form that nobody finished go after a week, file and row; those of a case stay."""

from datetime import timedelta
from pathlib import Path

from cases.services.photos import forget_abandoned, take_in
from cases.tests.conftest import picture
from conftest import NOW
from kernel.models import Photo


def test_what_no_case_took_up_is_deleted_with_its_files(desk):
    scope = desk.cast.scope("member")
    grid = desk.cast.grids["371326101001"]
    kept, lost = take_in([picture(), picture(size=(32, 32))], grid=grid, by=scope, at=NOW)
    desk.file(photos=[kept])
    paths = [file.path for file in (lost.original, lost.shown, lost.thumbnail)]
    assert forget_abandoned(at=NOW + timedelta(days=6)) == 0
    assert forget_abandoned(at=NOW + timedelta(days=8)) == 1
    assert list(Photo.objects.all()) == [kept]
    assert [path for path in paths if Path(path).exists()] == []
    assert Path(kept.shown.path).exists()
