"""Every contract as data: configuration, errors, permissions, messages, bodies. No I/O, no other package of ours."""
