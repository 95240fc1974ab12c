"""A version's long page folded: its contents, its anchors, and what is open in the address."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.urls import reverse
from playwright.sync_api import expect

from tests.makers.policy_versions import draft_of, in_force, make_analysts, proposed
from tests.web.finance_desk import client_of, text_of

pytestmark = pytest.mark.usefixtures("static_files")


@pytest.fixture
def analysts(clock):
    return make_analysts(clock)


def opened(answer):
    """The marks of all parts of a page, and of those that are open."""
    found = re.findall(r'<details[^>]*data-part="([\w-]+)"( open)?>', text_of(answer))
    return [mark for mark, _ in found], [mark for mark, is_open in found if is_open]


def test_every_part_has_its_anchor_and_the_address_says_which_are_open(analysts):
    client = client_of(analysts[0])
    page = reverse("policy-version", args=[in_force().id])
    answer = client.get(page)
    parts, are_open = opened(answer)
    assert are_open == ["cutoffs"]
    listed = re.findall(r'data-fold="([\w-]+)" href="([^"]+)"', text_of(answer))
    assert [mark for mark, _ in listed] == parts
    assert {"tests", "points", "rules-against", "features"} <= set(parts)
    for mark, href in listed:
        assert href.endswith(f"#part-{mark}")
        assert f'id="part-{mark}"' in text_of(answer)
        _parts, then = opened(client.get(page + href.partition("#")[0]))
        assert set(then) == {"cutoffs", mark}
    assert opened(client.get(page, {"parts": "all"}))[1] == parts
    assert opened(client.get(page, {"parts": "none"}))[1] == []
    assert opened(client.get(page, {"parts": "points,nothing,tests"}))[1] == ["tests", "points"]


def test_what_waits_opens_with_what_its_reader_has_to_see(call, analysts):
    client = client_of(analysts[1])
    version_id = proposed(call, analysts[0])
    answer = client.get(reverse("policy-version", args=[version_id]))
    assert opened(answer)[1] == ["changes", "tests", "tries"]
    draft = client.get(reverse("policy-draft", args=[draft_of(call, analysts[0])]))
    assert opened(draft)[1] == ["changes"]


@pytest.mark.browser
def test_parts_open_and_close_and_a_reload_keeps_them(site, analysts, open_page, look):
    page = open_page(width=390, user=get_user_model().objects.get(pk=analysts[0]))
    page.goto(site(reverse("policy-version", args=[in_force().id])))
    assert "parts=" not in page.url
    height = page.evaluate("document.documentElement.scrollHeight")
    points = page.locator("#part-points")
    expect(points.locator("table").first).to_be_hidden()
    page.get_by_role("link", name="评分表").click()
    expect(points.locator("table").first).to_be_in_viewport()
    expect(points.locator("summary")).to_be_focused()
    expect(page).to_have_url(re.compile(r"parts=cutoffs(,|%2C)points"))
    page.reload()
    expect(points.locator("table").first).to_be_visible()
    points.locator("summary").press("Enter")
    expect(points.locator("table").first).to_be_hidden()
    expect(page).to_have_url(re.compile(r"parts=cutoffs$"))
    page.get_by_role("link", name="全部展开").click()
    expect(page).to_have_url(re.compile(r"parts=all"))
    look(page)
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollHeight") > 2 * height
    page.get_by_role("link", name="全部收起").click()
    expect(page).to_have_url(re.compile(r"parts=none"))
    look(page)
    page.goto(page.url.split("?")[0] + "#part-features")
    expect(page.locator("#part-features table")).to_be_visible()
