"""Which regions an account has, and since when it can be used.

moto knows neither.
"""
