"""What event batches hold, told in native code; `exchange.model.event_scan` is its face."""
