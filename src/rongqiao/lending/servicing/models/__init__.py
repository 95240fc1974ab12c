"""Tables of loans and of the work on them; importing the package registers them all."""

import rongqiao.lending.servicing.models.allowance
import rongqiao.lending.servicing.models.amending.changes
import rongqiao.lending.servicing.models.amending.corrections
import rongqiao.lending.servicing.models.amending.draws
import rongqiao.lending.servicing.models.amending.holds
import rongqiao.lending.servicing.models.amending.quotes
import rongqiao.lending.servicing.models.amending.rates
import rongqiao.lending.servicing.models.amending.recalls
import rongqiao.lending.servicing.models.amending.waivers
import rongqiao.lending.servicing.models.amending.write_offs
import rongqiao.lending.servicing.models.certificates
import rongqiao.lending.servicing.models.closing_days
import rongqiao.lending.servicing.models.collecting
import rongqiao.lending.servicing.models.imports
import rongqiao.lending.servicing.models.loan_months
import rongqiao.lending.servicing.models.loans  # noqa: F401 - registers its tables
