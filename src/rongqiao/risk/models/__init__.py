"""Tables of risk; importing the package registers them all."""

import rongqiao.risk.models.monitored
import rongqiao.risk.models.registry  # noqa: F401 - registers its tables
