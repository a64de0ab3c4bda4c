"""CloudWatch Logs' groups in templates.

Corrects the ARN that moto gives them.
"""
