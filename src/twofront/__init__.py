"""Would a war in one theatre bring a second one, and what makes both less likely?"""

__version__ = "0.1.0"
