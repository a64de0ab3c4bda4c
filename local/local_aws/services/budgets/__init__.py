"""AWS Budgets: budgets with notifications, subscribers and tags, of one's own account, in us-east-1.

Corrects moto, which checks nothing, changes no budget, and has neither tags nor subscribers.
"""
