-- Gives a participant another role and takes their custom permissions back; holds on open sockets at once.
-- ARGV  actor, actor_id, service?, target, role
-- → {'ok', participant JSON, role, permission bits}

local actor, no = actor_who_may('host')
if no then return no end
local p = person(A.target)
if not p or p.status == 'kicked' then return refuse('not_found', 'That person is not in this session.') end
if p.key == S.host then return refuse('forbidden', 'There is one host, and it stays.') end
local before = p.role
set_person(p, 'role', A.role, 'allow', 0, 'deny', 0)
log_seen('role_change', actor, '{"user_id":' .. p.user_id .. ',"from":"' .. before .. '","to":"' .. p.role .. '"}')
tell_permissions(p)
if SEATED[p.status] then tell_updated(p) end
return done(person_json(p), p.role, tostring(granted(p)))
