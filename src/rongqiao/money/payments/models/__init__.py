"""Tables of money in and out; importing the package registers them all."""

import rongqiao.money.payments.models.movements  # noqa: F401 - registers its tables
