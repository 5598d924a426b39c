"""The addresses of this app alone, so that its tests need no app above it."""

from django.urls import include, path

from accounts.admin import reference_site

urlpatterns = [
    path("admin/", reference_site.urls),
    path("", include("accounts.urls")),
    path("api/v1/", include("accounts.api")),
]
