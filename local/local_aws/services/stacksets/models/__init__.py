"""StackSets as data, the overrides of their parameters, and the targets of a request.

Corrects moto's StackSets, whose operations and instances have no states of their own.
"""
