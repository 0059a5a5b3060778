"""Early signs: to whom the rules point, why, and what the homeroom teacher makes of it."""
