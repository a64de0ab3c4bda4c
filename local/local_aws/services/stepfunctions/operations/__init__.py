"""What happens inside an execution.

Corrects moto's tasks, waits and expressions.
"""
