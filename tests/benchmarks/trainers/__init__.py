"""The same trainings, written with each peer as its users write them.

Each module has `trainers(workload)`: name -> a Stepwise, or a function of the number of steps.
"""
