"""Least privilege, proved both ways from the audit of a full end-to-end run: nothing granted in vain, nothing missing.

`python -m privileges` prints the table; the last end-to-end test holds it.
"""
