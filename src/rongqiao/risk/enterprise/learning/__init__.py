"""Pure: what a model of firms is learnt from, and the same figures of a firm at hand."""
