"""Tests of the recovery drill."""
