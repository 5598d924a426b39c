from django.urls import path

from grids import views

app_name = "grids"
urlpatterns = [
    path("grids/", views.tree, name="tree"),
    path("grids/<str:code>/", views.grid, name="grid"),
    path("posts/", views.post_list, name="posts"),
    path("posts/new/", views.post_person, name="post_person"),
    path("posts/new/<int:pk>/", views.post_new, name="post_new"),
    path("posts/<int:pk>/end/", views.post_end, name="post_end"),
    path("sponsorships/new/", views.sponsorship_person, name="sponsorship_person"),
    path("sponsorships/new/<int:pk>/", views.sponsorship_new, name="sponsorship_new"),
    path("sponsorships/<int:pk>/end/", views.sponsorship_end, name="sponsorship_end"),
    path("sources/", views.source_list, name="sources"),
    path("sources/new/", views.source_new, name="source_new"),
    path("sources/<str:code>/", views.source, name="source"),
    path("sources/<str:code>/edit/", views.source_edit, name="source_edit"),
]
