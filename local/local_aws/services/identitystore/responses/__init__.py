"""The calls of the identity store.

moto's know no errors of uniqueness.
"""
