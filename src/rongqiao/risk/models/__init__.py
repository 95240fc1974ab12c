"""Tables of risk; importing the package registers them all."""

import rongqiao.risk.models.fraud  # noqa: F401 - registers its tables
