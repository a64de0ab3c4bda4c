"""The fault matrix: every call of a vend meets every fault that AWS has, one at a time, and nothing may be lost.

`make faults` runs it; see the section on faults in local/README.md.
"""
