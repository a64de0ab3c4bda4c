"""Organizations: accounts that take time to make, units, moves, tags and pages.

Corrects moto, which does everything at once, whatever it is given.
"""
