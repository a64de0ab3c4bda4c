"""What goes on after a call on a stack was answered.

Corrects moto, where everything is done at once and nothing is rolled back.
"""
