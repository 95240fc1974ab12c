"""Every address of the platform, by room."""

from django.urls import include, path

from rongqiao.web.account.hooks import mail_told, sms_delivered
from rongqiao.web.api.hooks import bank_called, registries_told
from rongqiao.web.frame.requests import health

handler400 = "rongqiao.web.frame.requests.bad_request"
handler403 = "rongqiao.web.frame.requests.forbidden"
handler404 = "rongqiao.web.frame.requests.not_found"
handler429 = "rongqiao.web.account.limits.too_many"
handler500 = "rongqiao.web.frame.requests.failed"

urlpatterns = [
    path("healthz", health),
    path("", include("rongqiao.web.public.urls")),
    path("hooks/sms", sms_delivered),
    path("hooks/mail", mail_told),
    path("hooks/bank", bank_called),
    path("hooks/registries", registries_told),
    path("account/", include("rongqiao.web.account.urls")),
    path("my/", include("rongqiao.web.borrower.urls")),
    path("desk/", include("rongqiao.web.backoffice.urls")),
]
