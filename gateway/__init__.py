"""Everything that touches the world: settings, store, intake, casework, delivery, interfaces."""
