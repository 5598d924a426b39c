from django.urls import path

from cases import field

app_name = "field"
urlpatterns = [
    path("", field.tasks, name="tasks"),
    path("report/", field.report, name="report"),
    path("report/<uuid:client_id>/", field.receipt, name="receipt"),
    path("photos/<uuid:photo>/", field.kept_photo, name="kept_photo"),
    path("mine/", field.mine, name="mine"),
    path("cases/<str:number>/", field.case_detail, name="case"),
    path("cases/<str:number>/actions/<str:action>/", field.case_act, name="act"),
]
