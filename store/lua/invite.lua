-- Lets somebody in: a new person, or one who was removed (whose older tokens stay worthless).
-- ARGV  actor, actor_id, service?, target, target_id, target_name?, target_avatar? (JSON texts), role?
--       (absent: the role they had, else student),
--       fallback_name (JSON text)
-- → {'ok', participant JSON}

local actor, no = actor_who_may('can_invite')
if no then return no end
local p = person(A.target)
local known = p and p.status ~= 'kicked'
if not p then
  p = new_person(A.target, A.target_id, A.target_name or A.fallback_name, A.target_avatar or 'null',
    A.role or 'student')
elseif not known then
  set_person(p, 'role', A.role or p.role, 'allow', 0, 'deny', 0)
  set_status(p, 'invited')
end
if A.target_name and p.status == 'invited' then set_person(p, 'name', A.target_name) end
if not known then
  log_seen('participant_invite', actor, '{"user_id":' .. p.user_id .. ',"role":"' .. p.role .. '"}')
end
return done(person_json(p))
