"""Tables of risk; importing the package registers them all."""

import rongqiao.risk.models.laundering  # noqa: F401 - registers its tables
