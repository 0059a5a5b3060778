"""`python -m benchmarks.boards`: what a board of cases costs with 20,000 open cases, all fences up."""
