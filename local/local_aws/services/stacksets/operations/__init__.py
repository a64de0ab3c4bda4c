"""What goes on after a call on a StackSet was answered.

Corrects moto, where operations succeed at once.
"""
