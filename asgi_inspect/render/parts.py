"""The parts of the text report, by the names that --show takes, in the order they are printed."""

PARTS = ("bytes", "scope", "receive", "lifespan", "timeline", "frames", "response", "captured", "printed", "findings")
