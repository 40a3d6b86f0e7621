"""Uncertain inputs: distributions, correlations, random streams, and the draws of a case's futures."""
