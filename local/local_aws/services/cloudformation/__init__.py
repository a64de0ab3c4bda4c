"""CloudFormation stacks as on AWS: asynchronous, with rights, rollback, events and AWS's refusals.

Corrects moto, where a stack is complete at once, made whatever its caller may do, and never rolled back.
"""
