"""The addresses of the kernel's own pages."""

from django.conf import settings
from django.urls import path

from qfce.kernel.web import account, gallery, passwords, sign_in, today
from qfce.kernel.web.administration import clients, events, invitations, jobs, members

urlpatterns = [
    path("", today.start, name="landing"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-in/code/", sign_in.code, name="sign-in-code"),
    path("sign-in/enrol/", account.sign_in_enrol, name="sign-in-enrol"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("organization/", sign_in.choose_organization, name="choose-organization"),
    path("language/", sign_in.set_language, name="set-language"),
    path("account/second-factor/", account.second_factor, name="second-factor"),
    path("account/second-factor/enrol/", account.enrol, name="enrol"),
    path("account/second-factor/codes/", account.renew_codes, name="renew-codes"),
    path("account/second-factor/remove/", account.remove, name="remove-second-factor"),
    path("account/invitation/", passwords.accept_invitation, name="invitation"),
    path("account/password/", passwords.change, name="change-password"),
    path("jobs/", jobs.index, name="jobs"),
    path("jobs/<uuid:job_id>/", jobs.detail, name="job"),
    path("jobs/<uuid:job_id>/cancel/", jobs.cancel, name="cancel-job"),
    path("audit/", events.index, name="audit-events"),
    path("audit/<int:event_id>/", events.detail, name="audit-event"),
    path("members/", members.index, name="members"),
    path("members/new/", invitations.create, name="new-member"),
    path("members/<uuid:membership_id>/", members.detail, name="member"),
    path("members/<uuid:membership_id>/let-in/", members.let_in, name="let-in-member"),
    path("members/<uuid:membership_id>/link/", invitations.again, name="new-link"),
    path("clients/", clients.index, name="clients"),
    path("clients/new/", clients.create, name="new-client"),
    path("clients/<int:client_pk>/", clients.detail, name="client"),
    path("clients/<int:client_pk>/secret/", clients.rotate, name="rotate-client"),
    path("clients/<int:client_pk>/close/", clients.close, name="close-client"),
]
if settings.SIGN_IN_AS_ANYBODY:
    urlpatterns.append(path("sign-in/as/<str:username>/", sign_in.sign_in_as, name="sign-in-as"))
if settings.GALLERY:
    urlpatterns += [
        path("ui/", gallery.index, name="gallery"),
        path("ui/<slug:name>/", gallery.component, name="gallery-component"),
    ]
