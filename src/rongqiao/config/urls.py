"""Every address of the platform, by room."""

from django.urls import include, path

urlpatterns = [
    path("", include("rongqiao.web.public.urls")),
    path("account/", include("rongqiao.web.account.urls")),
    path("my/", include("rongqiao.web.borrower.urls")),
    path("desk/", include("rongqiao.web.backoffice.urls")),
]
