"""Sweeps: many trainings that differ in seeds or hyper-parameters, all in one program."""
