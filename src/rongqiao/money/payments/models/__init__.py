"""Tables of money in and out; importing the package registers them all."""

import rongqiao.money.payments.models.movements
import rongqiao.money.payments.models.orders
import rongqiao.money.payments.models.reconciling  # noqa: F401 - registers its tables
