-- Removes somebody until they are invited again. The new generation makes every token of theirs worthless in the same
-- instant, so nothing of theirs is accepted once this was acknowledged.
-- ARGV  actor, actor_id, service?, target, reason (JSON text)
-- → {'ok'}

local actor, no = actor_who_may('can_kick')
if no then return no end
local p = person(A.target)
if not p then return refuse('not_found', 'That person is not in this session.') end
if p.key == S.host then return refuse('forbidden', 'The host cannot be removed.') end
if p.key == actor.key then return refuse('forbidden', 'You cannot remove yourself; leave instead.') end
if p.status == 'kicked' then return done() end
set_person(p, 'generation', p.generation + 1)
log_seen('participant_kick', actor, '{"user_id":' .. p.user_id .. ',"name":' .. p.name .. ',"reason":' .. A.reason .. '}')
depart(p, 'kicked', 'kicked', '"type":"kicked","reason":' .. A.reason, 'close:4403')
return done()
