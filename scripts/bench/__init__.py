"""What `scripts/bench_language.py` measures."""
