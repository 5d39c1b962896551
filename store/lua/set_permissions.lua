-- Merges into a participant's custom permissions; holds on open sockets at once.
-- ARGV  actor, actor_id, service?, target, allow, deny, clear (bits: set to true, to false, back to the role's),
--       changes (JSON text, for the log)
-- → {'ok', participant JSON, role, permission bits}

local actor, no = actor_who_may('host')
if no then return no end
local p = person(A.target)
if not p or p.status == 'kicked' then return refuse('not_found', 'That person is not in this session.') end
local allow, deny, clear = tonumber(A.allow), tonumber(A.deny), tonumber(A.clear)
local touched = bit.bor(allow, deny, clear)
set_person(p,
  'allow', bit.bor(bit.band(p.allow, bit.bnot(touched)), allow),
  'deny', bit.bor(bit.band(p.deny, bit.bnot(touched)), deny))
log_seen('permission_update', actor, '{"user_id":' .. p.user_id .. ',"permissions":' .. A.changes .. '}')
tell_permissions(p)
return done(person_json(p), p.role, tostring(granted(p)))
