"""What goes on after a call was answered or an account was moved.

Unknown to moto.
"""
