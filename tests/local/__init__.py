"""Tests of the environment on this machine."""
