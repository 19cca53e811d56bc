"""Two trees of Nodes laid side by side, so that as little as possible differs."""
