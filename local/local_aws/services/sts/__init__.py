"""STS: who may assume which role.

moto lets everyone assume everything.
"""
