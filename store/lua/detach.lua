-- Forgets a closed socket; with the person's last one their grace period begins. Atomic, so that a late clean-up
-- never removes somebody who is back: it removes this connection's own entry and looks at what remains. Repeated (its
-- first answer may be lost), it answers the same.
-- ARGV  person, connection, grace_ms
-- → {'ok', ms at which the grace ends, or '' when there is none}

if not S then return done('') end
local p = person(A.person)
if not p then return done('') end
if redis.call('HDEL', sockets_key(p.key), A.connection) == 1 then
  update_peer(p)
  begin_grace(p)
end
return done(p.status == 'reconnecting' and tostring(p.grace_until) or '')
