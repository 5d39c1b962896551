"""The edge: HTTP and WebSocket handlers, and the hub that writes to sockets. The only package that imports
Tornado.
"""
