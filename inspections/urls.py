from django.urls import path

from inspections import views

app_name = "inspections"
urlpatterns = [path("patrols/", views.patrol_list, name="patrol_list")]
