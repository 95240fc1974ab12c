"""Close a month and open it again: one finance officer proposes, another one decides."""
