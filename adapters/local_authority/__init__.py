"""What goes out to a local authority: the information product as documents, and as a record for its case system."""
