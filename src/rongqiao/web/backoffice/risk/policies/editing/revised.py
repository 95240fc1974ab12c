"""A form over a draft as it was read."""

from __future__ import annotations

from django import forms

from rongqiao.web.frame.forms import KeyedForm


class RevisedForm(KeyedForm):
    """A form over a draft as it was read."""

    revision = forms.IntegerField(
        label="revision", min_value=1, max_value=1_000_000, widget=forms.HiddenInput
    )
