"""What the admin API takes and answers, a module a noun; the OpenAPI document is made of these same shapes."""
