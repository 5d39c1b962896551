-- A participant leaves: off the lists, their sockets close with 1000 everywhere.
-- ARGV  actor, service?
-- → {'ok'}

local p, no = actor_who_may()
if no then return no end
if not SEATED[p.status] then return done() end
log_seen('participant_leave', p, '{"reason":"left"}')
depart(p, 'left', 'left', '', 'close:1000')
return done()
