"""What the admin API does, a module a noun; each handler opens with who asks and ends with what `store` answered."""
