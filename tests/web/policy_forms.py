"""The forms of a draft as a browser sends them: every field as it stands, with changes."""

import re

from django.urls import reverse

from tests.web.finance_desk import text_of


def fields_of(answer):
    """Every field of the page's own form as it stands."""
    page = text_of(answer).split('<main id="main"')[1]
    form = max(re.findall(r"<form[^>]*>.*?</form>", page, re.DOTALL), key=len)
    found = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf'{key}="([^"]*)"', tag) for key in ("name", "value"))
        is_sent = 'type="checkbox"' not in tag or " checked" in tag
        if name and is_sent and 'type="file"' not in tag:
            # A box that is ticked and has no value of its own sends "on".
            found[name[1]] = unescape(value[1]) if value else "on" * (" checked" in tag)
    for name, text in re.findall(
        r'<textarea[^>]*name="(\w+)"[^>]*>(.*?)</textarea>', form, re.DOTALL
    ):
        found[name] = unescape(text.removeprefix("\n"))
    for name, options in re.findall(
        r'<select[^>]*name="(\w+)"[^>]*>(.*?)</select>', form, re.DOTALL
    ):
        chosen = re.search(r'value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    found.pop("csrfmiddlewaretoken", None)
    return found


def unescape(text):
    pairs = {"&quot;": '"', "&lt;": "<", "&gt;": ">", "&#x27;": "'", "&amp;": "&"}
    for name, letter in pairs.items():
        text = text.replace(name, letter)
    return text


def edited(client, draft_id, section, **changes):
    page = reverse("policy-edit", args=[draft_id, section])
    return client.post(page, fields_of(client.get(page)) | changes)
