"""Every address of the site begins here."""

from django.urls import include, path

from accounts.admin import reference_site
from pingyi_grid import desk, views
from pingyi_grid.health import healthz

urlpatterns = [
    path("healthz", healthz),
    path("admin/", reference_site.urls),
    path("api/v1/", include("pingyi_grid.api")),
    path("", desk.home, name="home"),
    path("", include("accounts.urls")),
    path("", include("cases.urls")),
    path("field/", include("cases.field_urls")),
    path("", include("grids.urls")),
    path("", include("inspections.urls")),
    path("gallery/", views.gallery, name="gallery"),
    path("gallery/field/", views.field_gallery, name="field_gallery"),
]
