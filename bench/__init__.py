"""Side-by-side benchmarks: our box beside other players, measured in one run on one machine."""
