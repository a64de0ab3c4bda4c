"""EventBridge: executions announce their status, and rules reach SNS topics and functions.

moto's do neither.
"""
