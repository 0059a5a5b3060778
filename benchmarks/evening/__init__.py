"""`python -m benchmarks.evening`: every phone of a district comes home in one evening, while pages are asked for."""
