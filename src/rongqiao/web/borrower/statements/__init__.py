"""A firm's own figures: the years it has stated, and another one."""
