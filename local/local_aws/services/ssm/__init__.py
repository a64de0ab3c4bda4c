"""SSM: the lengths of parameters.

moto takes values of any length in every tier.
"""
