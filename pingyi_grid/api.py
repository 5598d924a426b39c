"""API v1: the doors of all apps under one address, with its OpenAPI document."""

from django.urls import path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

import accounts.api
import accounts.openapi
import cases.api
import grids.api
import inspections.api
import kernel.api

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api-schema"), name="api-docs"),
    *accounts.api.urlpatterns,
    *grids.api.urlpatterns,
    *cases.api.urlpatterns,
    *inspections.api.urlpatterns,
    *kernel.api.urlpatterns,
]
