"""Account Management: contacts and regions of accounts, and how long a new account is not ready.

moto has contacts only, which anybody may change, and every account is ready at once.
"""
