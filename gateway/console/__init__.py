"""The console for people in browsers: server-rendered pages over the same desks and rules as the API."""
