"""EventBridge: executions announce their status, and rules reach SNS topics.

moto's do neither.
"""
