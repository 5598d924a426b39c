"""The addresses of the program, and the bare views under /bare/."""

from django.urls import include, path

from benchmarks import bare

urlpatterns = [
    path("bare/nothing/", bare.nothing),
    path("bare/pages/<str:name>/", bare.page),
    path("bare/tree/", bare.tree),
    path("bare/recursetree/", bare.recursetree),
    path("bare/report/", bare.Report.as_view()),
    path("", include("pingyi_grid.urls")),
]
