"""Step Functions: executions that run as their role, JSONata, and complete answers.

Corrects moto, which runs everything as the management account and has no evaluator.
"""
