"""The actions, each defined once: REST calls and socket messages both go through here, so a rule cannot hold
on one road and not on the other. What may be done is decided by the store, in the instant it is done.
"""
