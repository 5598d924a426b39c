"""The addresses of the program, with the bare views under /bare/ and the floor under /floor/."""

from django.urls import include, path

from benchmarks import bare, floor

urlpatterns = [
    path("bare/cases/", bare.case_list),
    path("bare/cases/<str:number>/", bare.case_detail),
    path("bare/form/<str:number>/", bare.case_with_form),
    path("bare/tree/", bare.tree),
    path("bare/recursetree/", bare.recursetree),
    path("bare/report/", bare.Report.as_view()),
    path("floor/tree/", floor.tree),
    path("floor/<str:name>/", floor.page),
    path("", include("pingyi_grid.urls")),
]
