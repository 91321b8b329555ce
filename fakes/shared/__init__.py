"""What the three fakes share: routes with their OpenAPI document, refusals, SQLite, wire time."""
