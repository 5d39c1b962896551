"""The only package that talks to Redis: what is kept, and the atomic scripts that change it."""
