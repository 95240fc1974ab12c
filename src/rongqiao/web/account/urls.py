"""Addresses under /account/; allauth's views keep allauth's names, by which it finds them."""

from allauth.account import views as allauth
from django.urls import path
from django.views.generic import RedirectView

from rongqiao.web.account import emails, identity, passwords, profile, register
from rongqiao.web.account.checks import pages as checks

urlpatterns = [
    path("", profile.profile, name="profile"),
    path("signup/", register.RegisterView.as_view(by="phone"), name="account_signup"),
    path("signup/email/", register.RegisterView.as_view(by="email"), name="signup_by_email"),
    path("texts/<slug:kind>/", register.consent_text, name="consent_text"),
    path("login/", allauth.login, name="account_login"),
    path("login/code/", allauth.request_login_code, name="account_request_login_code"),
    path("login/code/confirm/", allauth.confirm_login_code, name="account_confirm_login_code"),
    path("logout/", allauth.logout, name="account_logout"),
    path("inactive/", allauth.account_inactive, name="account_inactive"),
    path("phone/verify/", allauth.verify_phone, name="account_verify_phone"),
    path("email/", emails.email, name="email"),
    path("email/remove/", emails.remove, name="remove-email"),
    path("email/prove/", emails.prove, name="prove-email"),
    path("email/confirm/", emails.confirm, name="confirm-email"),
    path("email/verify/", allauth.email_verification_sent, name="account_email_verification_sent"),
    path(
        "password/forgotten/",
        RedirectView.as_view(url="/account/login/code/?next=/account/password/new/"),
        name="account_reset_password",
    ),
    path("password/new/", passwords.new_password, name="account_change_password"),
    path("identity/", identity.identity, name="identity"),
    path("organization/", identity.organization, name="organization"),
    path("bank-account/", identity.bank_account, name="bank_account"),
    path(
        "bank-account/<uuid:bank_account_id>/close/", identity.close_account, name="close_account"
    ),
    path("inquiries/", checks.my_inquiries, name="my-inquiries"),
    path("inquiries/progress/", checks.progress, name="my-inquiries-progress"),
    path("inquiries/begin/", checks.begin, name="my-inquiries-begin"),
    path("inquiries/face/", checks.show_face, name="my-inquiries-face"),
    path("consents/", profile.consents, name="consents"),
    path("consents/<slug:kind>/<slug:action>/", profile.change_consent, name="change_consent"),
    path("sessions/", profile.sessions, name="sessions"),
]
