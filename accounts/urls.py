from django.urls import path

from accounts.views import audit, inbox, people, session

app_name = "accounts"
urlpatterns = [
    path("login/", session.sign_in, name="sign_in"),
    path("logout/", session.sign_out, name="sign_out"),
    path("account/password/", session.password, name="password"),
    path("notices/", inbox.notice_list, name="notices"),
    path("notices/read/", inbox.notice_read_all, name="notice_read_all"),
    path("notices/<int:pk>/open/", inbox.notice_open, name="notice_open"),
    path("notices/<int:pk>/read/", inbox.notice_read, name="notice_read"),
    path("audit/", audit.entry_list, name="audit"),
    path("people/", people.person_list, name="people"),
    path("people/new/", people.person_new, name="person_new"),
    path("people/<int:pk>/", people.person_detail, name="person"),
    path("people/<int:pk>/edit/", people.person_edit, name="person_edit"),
    path("people/<int:pk>/password/", people.person_password, name="person_password"),
    path("people/<int:pk>/disable/", people.person_disable, name="person_disable"),
    path("people/<int:pk>/enable/", people.person_enable, name="person_enable"),
]
