"""Research (core component 5): patterns across concerns, found as they come, shown to analysts under pseudonyms."""
