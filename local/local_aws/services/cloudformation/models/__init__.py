"""Stacks, their templates and parameters, and with whose rights CloudFormation works.

Corrects moto, which keeps no state of single resources, and whose stacks ignore their callers.
"""
