"""Tables of risk; importing the package registers them all."""

import rongqiao.risk.models.enterprise  # noqa: F401 - registers its tables
