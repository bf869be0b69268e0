"""What things are: frozen models, validated identifiers, error families. Imports nothing of ours."""
