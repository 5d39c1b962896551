-- Puts a client's own event into the log.
-- ARGV  actor, actor_id, service?, event_type, data (JSON text)
-- → {'ok', event id}

local p, no = actor_who_may()
if no then return no end
return done(log_event(A.event_type, p.key, p.user_id, A.data))
