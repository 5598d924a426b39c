import pytest
from django.core.exceptions import ImproperlyConfigured
from PIL import ImageFont

from kernel import fonts
from kernel.checks import has_chinese_font
from kernel.fonts import FontFile, chinese_font


@pytest.fixture
def bare_machine(settings, tmp_path, monkeypatch):
    """A machine without the program's own font and without one of the system."""
    settings.BASE_DIR = tmp_path
    monkeypatch.setattr(fonts, "_OF_THE_SYSTEM", (str(tmp_path / "system.ttc"),))
    return tmp_path


def test_the_font_has_the_characters_of_shandong_place_names():
    font = chinese_font()
    face = ImageFont.truetype(str(font.path), 32, index=font.index)
    missing = bytes(face.getmask("\U000fffff"))
    assert [character for character in "平邑邿堽堌峪崮" if bytes(face.getmask(character)) == missing] == []


def test_the_programs_own_font_comes_before_that_of_the_system(bare_machine):
    own = bare_machine / fonts._OUR_OWN
    (bare_machine / "system.ttc").touch()
    assert chinese_font() == FontFile(bare_machine / "system.ttc", 2)
    own.parent.mkdir(parents=True)
    own.touch()
    assert chinese_font() == FontFile(own)


def test_a_machine_without_a_chinese_font_is_told_at_start_how_to_get_one(bare_machine):
    with pytest.raises(ImproperlyConfigured):
        chinese_font()
    assert [(error.id, error.msg) for error in has_chinese_font(None)] == [("kernel.E001", fonts.MISSING)]


def test_a_machine_with_one_passes_the_check():
    assert has_chinese_font(None) == []
