"""What the services have in common that the local AWS answers itself, and pages for all lists.

Requests are held to the model of their API, errors and answers are written as it says.
"""
