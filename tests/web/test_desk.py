"""The staff's pages open to whoever holds the role, and to nobody else."""

import pytest
from django.contrib.auth import get_user_model

from tests.makers import journeys

DOORS = {
    "/desk/": None,
    "/desk/queue/": "reviewer",
    "/desk/portfolio/": "reviewer",
    "/desk/portfolio/overdue/": "reviewer",
}


def user(user_id):
    return get_user_model().objects.get(pk=user_id)


@pytest.mark.browser
def test_a_reviewer_sees_queue_and_portfolio_in_every_light(site, call, open_page, look):
    staff = journeys.make_staff(call)
    page = open_page(user=user(staff.reviewer))
    for path in DOORS:
        answer = page.goto(site(path))
        assert answer.status == 200, path
        look(page)
