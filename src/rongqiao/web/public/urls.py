"""Addresses that everybody may open."""

from django.urls import path
from django.views.i18n import set_language

from rongqiao.web.public import (
    calculator,
    compare,
    cost,
    estimate,
    landing,
    pages,
    products,
    unsubscribing,
    verify,
)

urlpatterns = [
    path("", landing.home, name="home"),
    path("home/", landing.after_login, name="after-login"),
    path("products/", products.product_list, name="products"),
    path("products/<slug:code>/", products.product_detail, name="product"),
    path("calculator/", calculator.calculator, name="calculator"),
    path("estimate/", estimate.estimate, name="estimate"),
    path("compare/", compare.compare, name="compare"),
    path("cost/", cost.cost, name="cost"),
    path("verify/", verify.verify, name="verify"),
    path("verify/certificate/<str:token>/", verify.certificate, name="verify-certificate"),
    path("unsubscribe/<str:token>/", unsubscribing.leave, name="unsubscribe"),
    path("help/", pages.help_page, name="help"),
    path("about/", pages.about, name="about"),
    path("terms/", pages.terms, name="terms"),
    path("privacy/", pages.privacy, name="privacy"),
    path("language/", set_language, name="set_language"),
    path("robots.txt", pages.robots, name="robots"),
    path("sitemap.xml", pages.sitemap, name="sitemap"),
]
