-- Switches a participant's camera, microphone or screen. Only switching something on needs its permission. Atomic: the
-- permission is looked up where the change is made.
-- ARGV  actor, generation?, service?, pace?, pace_ms?, video?, audio?, screen? ('true' or 'false'; absent stays)
-- → {'ok', media state JSON}

local NEEDS = {video = 'can_toggle_video', audio = 'can_toggle_audio', screen = 'can_share_screen'}

local p, no = actor_who_may()
if no then return no end
if not SEATED[p.status] then return refuse('forbidden', 'Join the session first.') end
local changes = {}
for field, permission in pairs(NEEDS) do
  if A[field] == 'true' and not A.service and not may(p, permission) then
    return refuse('forbidden', 'You do not have the permission ' .. permission .. '.')
  end
  if A[field] and A[field] ~= p[field] then
    changes[#changes + 1] = field
    changes[#changes + 1] = A[field]
  end
end
if #changes > 0 then
  set_person(p, 'media_at', NOW, unpack(changes))
  local state = media_json(p)
  log_seen('media_state', p, state)
  broadcast('s', '"type":"media_state_update","user_id":' .. p.user_id .. ',"media_state":' .. state)
end
return done(media_json(p))
