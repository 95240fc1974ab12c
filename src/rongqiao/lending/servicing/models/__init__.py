"""Tables of loans and of the work on them; importing the package registers them all."""

import rongqiao.lending.servicing.models.certificates
import rongqiao.lending.servicing.models.closing_days
import rongqiao.lending.servicing.models.collecting
import rongqiao.lending.servicing.models.corrections
import rongqiao.lending.servicing.models.loan_months
import rongqiao.lending.servicing.models.loans
import rongqiao.lending.servicing.models.quotes
import rongqiao.lending.servicing.models.waivers
import rongqiao.lending.servicing.models.write_offs  # noqa: F401 - registers its tables
