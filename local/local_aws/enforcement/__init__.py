"""Holds every caller to its policies, as AWS does: `gateway` stands in front of moto.

Who calls, which actions on which resources a call needs, what the policies say to them, and how AWS refuses.
"""
