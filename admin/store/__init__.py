"""The SQL of the admin API, a module a noun, read beside the handlers of the same name; every statement names the company."""
