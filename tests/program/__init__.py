"""Tests of the whole program, as it is evaluated for every stack."""
