import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def test_x(call):
    with connection.cursor() as c:
        c.execute("select current_user")
        print(c.fetchone(), call())
