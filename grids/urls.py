from django.urls import path

from grids import views

app_name = "grids"
urlpatterns = [
    path("grids/", views.tree, name="tree"),
    path("grids/<str:code>/", views.grid, name="grid"),
    path("posts/", views.post_list, name="posts"),
    path("sources/", views.source_list, name="sources"),
    path("sources/new/", views.source_new, name="source_new"),
    path("sources/<str:code>/", views.source, name="source"),
    path("sources/<str:code>/edit/", views.source_edit, name="source_edit"),
]
