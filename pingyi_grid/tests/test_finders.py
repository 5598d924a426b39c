import pytest
from django.conf import settings as configured
from django.contrib.staticfiles import finders
from django.core.exceptions import ImproperlyConfigured

from pingyi_grid.finders import LIBRARIES, BrowserLibraryFinder


def test_a_page_finds_the_files_it_names():
    assert finders.find("lib/tabler/tabler.min.css") == str(
        configured.BASE_DIR / "node_modules/@tabler/core/dist/css/tabler.min.css"
    )


@pytest.mark.parametrize("name", ["lib/tabler/tabler.css", "lib/../package.json", "@tabler/core/package.json"])
def test_nothing_else_of_the_packages_is_served(name):
    assert BrowserLibraryFinder().find(name) == []
    assert BrowserLibraryFinder().find(name, find_all=True) == []


def test_every_library_is_collected_and_names_no_map_that_is_not_there():
    listed = list(BrowserLibraryFinder().list([]))
    assert [name for name, _ in listed] == list(LIBRARIES)
    for name, storage in listed:
        with storage.open(name) as file:
            content = file.read()
        assert len(content) > 100_000
        assert b"sourceMappingURL" not in content


def test_collecting_without_the_packages_says_how_to_get_them(settings, tmp_path):
    settings.BASE_DIR = tmp_path
    with pytest.raises(ImproperlyConfigured, match=r"缺少浏览器库 lib/tabler/.*请先运行 npm ci"):
        list(BrowserLibraryFinder().list([]))
