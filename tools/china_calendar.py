"""Write src/rongqiao/finance/calendars/china.json from the `holidays` library.

Run as `python tools/china_calendar.py` when a new State Council notice is in the library.
"""

import json
from datetime import date
from pathlib import Path

import holidays

FIRST_YEAR, LAST_YEAR = 2004, 2027
LAST_NOTICE = 2026
TARGET = Path(__file__).parent.parent / "src/rongqiao/finance/calendars/china.json"


def years_of_china() -> dict[str, dict[str, list[str]]]:
    """Return holidays and make-up workdays of each year, as ISO dates in order."""
    china = holidays.country_holidays("CN", years=range(FIRST_YEAR - 1, LAST_YEAR + 2))
    worked = set(china.weekend_workdays)
    return {
        str(year): {
            "holidays": [on.isoformat() for on in sorted(china) if on.year == year],
            "make_up_workdays": [on.isoformat() for on in sorted(worked) if on.year == year],
        }
        for year in range(FIRST_YEAR, LAST_YEAR + 1)
    }


def main() -> None:
    """Write the file."""
    content = {
        "what": "Mainland China: days off, and weekend days worked in exchange (调休)",
        "source": (
            f"python library holidays {holidays.__version__} (MIT), which follows the yearly "
            "notices of the General Office of the State Council (国务院办公厅关于节假日安排的通知)"
        ),
        "checked": (
            "equal, day by day 2004-2026, to the library chinesecalendar 1.11.0 (MIT), but for "
            "2005-12-31, worked by the notice for 2006 and missing there"
        ),
        "missing": [
            f"{LAST_NOTICE + 1}: exchanged days off and make-up workdays, not published yet",
            f"before {FIRST_YEAR} and after {LAST_YEAR}: nothing; only weekends are days off",
        ],
        "years": years_of_china(),
    }
    text = json.dumps(content, ensure_ascii=False, indent=1)
    TARGET.write_text(text + "\n", encoding="utf-8")
    assert date.fromisoformat(content["years"]["2026"]["holidays"][0]) == date(2026, 1, 1)


if __name__ == "__main__":
    main()
