"""Tables of risk; importing the package registers them all."""

import rongqiao.risk.models.documents
import rongqiao.risk.models.inquiries  # noqa: F401 - registers its tables
