"""The published store: files that were frozen at approval, and what can be read from them.

The database is the record and the store a projection of it. The public pages and the API read
nothing else, so they work while the database is down and can show nothing but what was approved.
"""
