"""Where batches come from: rows in memory, rows on the host, or a stream."""
