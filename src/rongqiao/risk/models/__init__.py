"""Tables of risk; importing the package registers them all."""

import rongqiao.risk.models.documents
import rongqiao.risk.models.enterprise
import rongqiao.risk.models.fraud
import rongqiao.risk.models.inquiries
import rongqiao.risk.models.laundering.casework
import rongqiao.risk.models.laundering.freezing
import rongqiao.risk.models.laundering.keeping
import rongqiao.risk.models.monitored
import rongqiao.risk.models.plans
import rongqiao.risk.models.policies
import rongqiao.risk.models.registry  # noqa: F401 - registers its tables
