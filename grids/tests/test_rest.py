"""Every view of the API has the scope of its caller, and no more of it than the key was given."""

import pytest
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory

from accounts.permissions import Permission as P
from accounts.services import issue_key
from conftest import OTHER_TOWN, TOWN
from grids.middleware import ScopeMiddleware
from grids.rest import ScopedAPIView, narrowed
from grids.scope import system_scope


class Mirror(ScopedAPIView):
    """Says what the caller may do."""

    def get(self, request):
        scope = self.scope
        return Response(
            {
                "name": scope.name,
                "same": request.scope == scope == request._request.scope,
                "permissions": sorted({p for holding in scope.holdings for p in holding.permissions}),
                "address": scope.address,
            }
        )

    post = get


@pytest.fixture
def call(cast, now):
    """Call the mirror with a key of `user` and `scopes`, through the middleware of the site."""

    def called(user: str, *scopes: str, method: str = "get") -> Response:
        by = system_scope(now.date())
        issued = issue_key(name="x", user=cast.users[user], scopes=scopes, expires_at=None, by=by, at=now)
        request = getattr(APIRequestFactory(), method)("/x/", HTTP_AUTHORIZATION=f"Bearer {issued.key}")
        request.user = cast.stranger
        return ScopeMiddleware(Mirror.as_view())(request)

    return called


def test_a_key_has_the_scope_of_its_user_whoever_the_middleware_saw(call):
    answer = call("town", "read", "write").data
    assert (answer["name"], answer["same"], answer["address"]) == ("仲村网格办", True, "127.0.0.1")


def test_a_key_takes_away_what_it_was_not_given(call):
    assert call("town", "cases:read").data["permissions"] == [P.CASE_VIEW]
    assert call("town", "read").data["permissions"] == [P.CASE_VIEW, P.GRID_VIEW, P.PATROL_VIEW, P.SOURCE_VIEW]
    assert call("town").data["permissions"] == []


def test_a_key_adds_nothing_to_its_user(call):
    assert call("admin", "read", "cases:write").data["permissions"] == [P.GRID_VIEW]
    assert call("audit", "read", "write").data["permissions"] == []


def test_a_key_that_only_reads_is_told_so(call):
    refused = call("town", "read", method="post")
    assert (refused.status_code, refused.data["detail"]) == (403, "该密钥只能读取；需要写入请联系安全管理员重新签发。")
    assert call("town", "cases:write", method="post").status_code == 200


def test_narrowing_keeps_the_places(cast):
    scope = narrowed(cast.scope("town"), frozenset({P.CASE_VIEW}))
    town, other = cast.grids[TOWN], cast.grids[OTHER_TOWN]
    assert [scope.covers(grid, P.CASE_VIEW) for grid in (town, other)] == [True, False]
    assert not scope.covers(town, P.CASE_TRIAGE)


def test_narrowing_holds_everywhere_too(cast):
    scope = narrowed(cast.scope("admin"), frozenset({P.GRID_VIEW}))
    assert (scope.sees_all(P.GRID_VIEW), scope.sees_all(P.GRID_EDIT)) == (True, False)
