"""The demo: vends accounts on the local AWS the way meshStack does it, and shows what happened.

Run by `make demo`.
"""
