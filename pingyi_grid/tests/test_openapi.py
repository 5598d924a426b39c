"""The OpenAPI document is generated without a warning, valid, and knows every address of the contract."""

from io import StringIO

import yaml
from django.core.management import call_command
from openapi_spec_validator import validate

CONTRACT = [
    "/api/v1/cases/",
    "/api/v1/cases/{number}/",
    "/api/v1/cases/{number}/actions/{action}/",
    "/api/v1/cases/{number}/clock/",
    "/api/v1/cases/{number}/steps/",
    "/api/v1/deadlines/preview/",
    "/api/v1/departments/",
    "/api/v1/grids/",
    "/api/v1/grids/{code}/",
    "/api/v1/grids/{code}/tree/",
    "/api/v1/grids/locate/",
    "/api/v1/patrols/",
    "/api/v1/posts/",
    "/api/v1/sources/",
]


def test_the_document_is_generated_without_a_warning_and_is_valid():
    output = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=output)
    document = yaml.safe_load(output.getvalue())
    validate(document)
    assert [path for path in CONTRACT if path not in document["paths"]] == []
    assert document["info"]["title"] == "平邑网格 API"
