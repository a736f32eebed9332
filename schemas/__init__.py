"""Every shape that crosses a boundary, and the PostgreSQL tables; imports nothing of ours."""
