"""
The local page: use cases behind routes, shown by a page that is built from ``frontend/``.

It decides nothing: each route calls the use case of a command and gives its JSON document. It may be
imported by ``cli`` alone, and Starlette and uvicorn by nothing else.
"""
