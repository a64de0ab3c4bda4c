"""The tagging API for accounts of the organization: those that have tags, to the management account, in us-east-1.

Corrects moto, which does not know AWS Organizations there.
"""
