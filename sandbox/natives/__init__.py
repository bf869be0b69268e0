"""Native messages as agencies write them, made here without the gateway's adapters."""
