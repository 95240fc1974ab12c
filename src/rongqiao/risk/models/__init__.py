"""Tables of risk; importing the package registers them all."""

import rongqiao.risk.models.policies  # noqa: F401 - registers its tables
