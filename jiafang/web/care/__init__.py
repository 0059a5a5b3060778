"""Pages of cases: raising one, working on one, confirming one."""
