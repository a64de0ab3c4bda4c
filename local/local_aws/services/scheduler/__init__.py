"""EventBridge Scheduler: schedules in templates, the trust of their roles, and what happens when one is due.

moto keeps schedules, not for CloudFormation, whatever their roles; they start nothing.
"""
