-- Raises or lowers a participant's hand.
-- ARGV  actor, generation?, pace?, pace_ms?, raised ('true' or 'false')
-- → {'ok', participant JSON}

local p, no = actor_who_may()
if no then return no end
if not SEATED[p.status] then return refuse('forbidden', 'Join the session first.') end
if p.hand ~= A.raised then
  set_person(p, 'hand', A.raised)
  log_seen('raise_hand', p, '{"raised":' .. A.raised .. '}')
  tell_updated(p)
end
return done(person_json(p))
