"""The calls of Cost Explorer.

moto answers GetCostAndUsage with what a test has put into a queue.
"""
