"""The calls of IAM Identity Center.

Taken from moto as a whole; of moto's, permission sets with their policies are used.
"""
