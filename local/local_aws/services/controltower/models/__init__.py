"""The landing zone, its mandatory control, and what tests may change of it.

Unknown to moto.
"""
