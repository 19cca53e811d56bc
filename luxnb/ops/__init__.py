"""The mathematics: pure functions of arrays. Nothing here knows what a layer is."""
