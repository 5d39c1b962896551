-- Makes a session, once: the same uuid again changes nothing. Atomic, since two instances may be asked at once.
-- ARGV  uuid, session_type, status, host (key), host_json, host_id, host_name, host_avatar (JSON texts), host_role,
--       scheduled_start?, scheduled_end? (ms), booking_id? (JSON text), max_participants, allow_recording,
--       auto_save_interval, board_background, access_code? (JSON texts), epoch, expire_ms,
--       invited: n, then invite_<i>_key, invite_<i>_id, invite_<i>_name, invite_<i>_avatar
--       student? (key of the booking's student, when it is a booking's session), reader? (key of who is answered)
-- → {'ok', session JSON}

if S then return done(session_json(A.reader)) end

local function copy(...)
  for _, field in ipairs({...}) do
    if A[field] then set_session(field, A[field]) end
  end
end

S = {}
copy('uuid', 'session_type', 'status', 'host', 'host_json', 'scheduled_start', 'scheduled_end', 'booking_id',
  'max_participants', 'allow_recording', 'auto_save_interval', 'board_background', 'access_code', 'epoch', 'student',
  'lineage')
for _, counter in ipairs({'seq', 'sub', 'event_id', 'seats', 'present', 'peak', 'active_ms', 'board_version'}) do
  set_session(counter, '0')
end
set_session('created_at', string.format('%d', NOW))
if A.status == 'active' then
  set_session('actual_start', S.created_at)
  set_session('active_since', S.created_at)
end

local source = A.student and 'booking'
new_person(A.host, A.host_id, A.host_name, A.host_avatar, A.host_role, source)
for i = 1, tonumber(A.invited) do
  local prefix = 'invite_' .. i .. '_'
  local user = A[prefix .. 'key']
  if user ~= A.host then
    new_person(user, A[prefix .. 'id'], A[prefix .. 'name'], A[prefix .. 'avatar'], 'student', source)
  end
end
if A.status == 'active' then log_event('session_start', A.host, A.host_id, '{}') end
return done(session_json(A.reader))
