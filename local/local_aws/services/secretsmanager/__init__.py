"""Secrets Manager's status for missing secrets.

Corrects moto, which answers 404.
"""
