"""The settings of the later version."""

from rongqiao.config.settings import *  # noqa: F403

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.later"]  # noqa: F405
