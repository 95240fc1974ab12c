"""Tables of money in and out; importing the package registers them all."""

import rongqiao.money.payments.models.movements
import rongqiao.money.payments.models.orders  # noqa: F401 - registers its tables
