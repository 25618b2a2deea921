//! The composition root: builds every part and joins them.
