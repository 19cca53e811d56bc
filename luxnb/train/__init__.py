"""Training: values (TrainState, History), one engine, and the Run that a person holds.

Nothing here knows a screen: it emits, and whoever wants to watch looks.
"""
