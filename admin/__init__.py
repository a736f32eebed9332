"""The account manager's side: a JSON API over PostgreSQL. Nothing here touches Redis."""
