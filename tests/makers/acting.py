"""For whom a signed-in client acts, as the forms of its pages say it."""

from uuid import UUID

from django.contrib.auth import SESSION_KEY

from rongqiao.parties.queries import list_parties_of


def shown_for(client):
    """Return what every form of the party that `client` acts for carries; nothing for staff."""
    session = client.session
    ids = [str(one.id) for one in list_parties_of(UUID(session[SESSION_KEY]))]
    chosen = session.get("acting_party")
    return {"shown_for": chosen if chosen in ids else ids[0]} if ids else {}
