"""Benchmarks of the planner: `python -m benchmarks.planner`."""
