"""One repository per noun. Each speaks through the transaction that it was made with.

``get`` and ``lock`` raise ``Unknown`` where there is no such thing; ``find`` returns None. ``add`` that returns a bool
tells whether the thing was new; other ``add`` take ids that nobody used before.
"""
