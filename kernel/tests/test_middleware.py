import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from kernel.middleware import NoNulMiddleware


def through(address: str) -> int:
    return NoNulMiddleware(lambda request: HttpResponse())(RequestFactory().get(address)).status_code


def test_an_ordinary_address_goes_through():
    assert through("/cases/WT-20261123-0001/?q=%E5%86%92%E7%83%9F&n=100") == 200


def test_an_address_with_a_nul_is_nowhere():
    with pytest.raises(Http404):
        through("/cases/%00/")


def test_a_question_with_a_nul_cannot_be_asked():
    assert through("/cases/?q=a%00b") == 400
