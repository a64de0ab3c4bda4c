"""The calls of Service Catalog.

Taken from moto as a whole, since its portfolios and products could not be used here.
"""
