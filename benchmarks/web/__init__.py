"""`python -m benchmarks.web`: what a request costs on a full district, beside a plain Django view in the same run."""
