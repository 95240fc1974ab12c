"""Commands that answer JSON lines, one for one."""
