-- Gives somebody their seat (join, or the first classroom token), making them a participant if they are none yet.
-- Atomic, since two requests must make one participant and the last seat is taken once.
-- ARGV  actor, actor_id, actor_name?, actor_avatar? (JSON texts; absent keeps what is known), service?, access_code? (JSON text),
--       opening ('1': a scheduled session becomes waiting), fallback_name (JSON text), joining_ms
-- → {'ok', session JSON, participant JSON, role, permission bits, generation, scheduled end ms or '', user id JSON}

if not S then return refuse('not_found', 'There is no such session.') end
local p = person(A.actor)
if p and p.status == 'kicked' then return refuse('kicked') end

-- A code is short enough to be guessed: somebody who has nothing else may try ten, and then one a minute. One number, the
-- time up to which their tries are used up.
local TRIES, TRY_MS = 10, 60000
local function by_code()
  local key = K.session .. ':tries:' .. A.actor
  local used = math.max(tonumber(redis.call('GET', key) or 0), NOW) + TRY_MS
  local wait = math.min(used - NOW - TRIES * TRY_MS, TRY_MS)
  if wait > 0 then return {'rate_limited', 'Too many wrong access codes.', string.format('%d', wait)} end
  if A.access_code == S.access_code then return nil end
  redis.call('SET', key, string.format('%d', used), 'PX', string.format('%d', used - NOW))
  return refuse('bad_access_code')
end

if not p and not A.service then
  if not A.access_code then return refuse('forbidden', 'You have no access to this session.') end
  local no = by_code()
  if no then return no end
end
if OVER[S.status] then return refuse('session_over') end
if not p then
  if not has_room() then return refuse('session_full') end
  p = new_person(A.actor, A.actor_id, A.actor_name or A.fallback_name, A.actor_avatar or 'null',
    A.service and 'viewer' or 'student')
end
local is_first_time = not p.joined_at
local full = take_seat(p)
if full then return full end
if A.actor_name then set_person(p, 'name', A.actor_name) end
if A.actor_avatar then set_person(p, 'avatar', A.actor_avatar) end
if is_first_time and p.source ~= 'booking' and not A.service then set_person(p, 'user_id', A.actor_id) end
if p.key == S.host then
  set_session('host_json', '{"id":' .. p.user_id .. ',"name":' .. p.name .. ',"avatar":' .. p.avatar .. '}')
end
if A.opening and S.status == 'scheduled' then
  set_session('status', 'waiting')
  tell_session()
end
return done(session_json(p.key), person_json(p), p.role, tostring(granted(p)), p.generation,
  S.scheduled_end or '', p.user_id)
