"""What a process that closes days loads: two of them are to stay under 300 MB together."""

import json
import subprocess
import sys

# Each is megabytes in every process that imports it, and none of them closes a day.
HEAVY = ("numpy", "scipy", "lightgbm", "pypinyin", "opencc", "pandas", "sklearn", "PIL", "openpyxl")
LOADED = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "rongqiao.config.settings"
import django
django.setup()
import rongqiao.cli.eod, rongqiao.config.wiring
print(json.dumps(sorted({name.split(".")[0] for name in sys.modules})))
"""


def test_closing_a_day_loads_none_of_the_heavy_libraries():
    asked = [sys.executable, "-c", LOADED]
    told = subprocess.run(asked, capture_output=True, text=True, check=True)
    loaded = set(json.loads(told.stdout))
    assert {"django", "rongqiao"} <= loaded
    assert loaded.isdisjoint(HEAVY), loaded & set(HEAVY)
