"""The organization of an account, and the accounts that it makes.

moto makes accounts at once.
"""
