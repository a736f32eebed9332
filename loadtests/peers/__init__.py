"""Servers that answer a postback as ingest does, built as one usually would, to compare it with."""
