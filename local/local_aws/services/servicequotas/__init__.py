"""Service Quotas: the quotas that somebody of ours asks about.

moto has those of a VPC only.
"""
