from django.urls import path

from cases import views

app_name = "cases"
urlpatterns = [
    path("cases/", views.case_list, name="list"),
    path("cases/new/", views.case_new, name="new"),
    path("cases/<str:number>/", views.case_detail, name="detail"),
    path("cases/<str:number>/clock/", views.case_clock, name="clock"),
    path("cases/<str:number>/actions/<str:action>/", views.case_act, name="act"),
    path("cases/<str:number>/photos/<int:pk>/<str:size>/", views.case_photo, name="photo"),
]
