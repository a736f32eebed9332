"""Jane, who owns the company of these tests."""

EMAIL = "jane@acme.example"
OTHER_PASSWORD = "a horse of quite another colour"
PUBLIC_URL = "https://admin.example"
