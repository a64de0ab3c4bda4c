"""The benchmarks: how fast and small the functions start, and what a warm vend costs.

Run by `make bench`; the Python Lambda that the project replaces is measured in the same run.
"""
