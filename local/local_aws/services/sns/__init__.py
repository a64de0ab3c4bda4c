"""SNS: subjects as AWS takes them; policies and subscriptions of topics in templates.

moto takes any subject, and has neither in templates.
"""
