//! What was typed, checked, and what was meant.
