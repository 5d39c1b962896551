-- The session (S) and its participants: loading, the one place where a status changes, and their JSON texts.
-- Strings that came from outside are kept as JSON texts, so they are spliced and never decoded here.

local S = as_table(redis.call('HGETALL', K.session))

local OVER = {completed = true, terminated = true, expired = true}
local SEATED = {joining = true, connected = true, reconnecting = true, disconnected = true}
local PRESENT = {connected = true, reconnecting = true}
local HIDDEN = {invited = true, kicked = true}

local function set_session(field, value)
  S[field] = value
  redis.call('HSET', K.session, field, value)
end

local function add_to_session(field, amount)
  S[field] = tostring(redis.call('HINCRBY', K.session, field, amount))
end

local function person_key(user) return K.session .. ':p:' .. user end
local function sockets_key(user) return K.session .. ':sockets:' .. user end

local function person(user)
  local p = as_table(redis.call('HGETALL', person_key(user)))
  if p then p.key = user end
  return p
end

local function set_person(p, ...)
  local pairs_to_set = {...}
  for i = 1, #pairs_to_set, 2 do p[pairs_to_set[i]] = tostring(pairs_to_set[i + 1]) end
  redis.call('HSET', person_key(p.key), ...)
end

-- Everybody the session knows, in the order in which it got to know them.
local function everybody()
  local result = {}
  for _, user in ipairs(redis.call('ZRANGE', K.people, 0, -1)) do result[#result + 1] = person(user) end
  return result
end

-- The same, with no more of each than is shown of them: half the work where there are hundreds.
local SHOWN = {'user_id', 'name', 'avatar', 'role', 'status', 'video', 'audio', 'screen', 'quality', 'hand', 'joined_at',
  'left_at', 'media_at', 'peer'}

local function everybody_shown()
  local result = {}
  for _, user in ipairs(redis.call('ZRANGE', K.people, 0, -1)) do
    local values, p = redis.call('HMGET', person_key(user), unpack(SHOWN)), {key = user}
    for i, name in ipairs(SHOWN) do p[name] = values[i] or nil end
    result[#result + 1] = p
  end
  return result
end

-- `source` is 'booking' when their id has the type the platform gave it there; else the first token decides.
local function new_person(user, id_json, name_json, avatar_json, role, source)
  local p = {key = user}
  redis.call('ZADD', K.people, 'NX', redis.call('ZCARD', K.people), user)
  set_person(p, 'user_id', id_json, 'name', name_json, 'avatar', avatar_json, 'role', role, 'status', 'invited',
    'generation', 1, 'allow', 0, 'deny', 0, 'video', 'false', 'audio', 'false', 'screen', 'false',
    'hand', 'false', 'quality', 'good', 'source', source or '')
  return p
end

local function set_status(p, status)
  local seats = (SEATED[status] and 1 or 0) - (SEATED[p.status] and 1 or 0)
  local present = (PRESENT[status] and 1 or 0) - (PRESENT[p.status] and 1 or 0)
  if seats ~= 0 then add_to_session('seats', seats) end
  if present ~= 0 then
    add_to_session('present', present)
    if tonumber(S.present) > tonumber(S.peak) then set_session('peak', S.present) end
  end
  set_person(p, 'status', status)
end

local function reset_media(p)
  set_person(p, 'video', 'false', 'audio', 'false', 'screen', 'false', 'hand', 'false', 'media_at', NOW)
end

local function granted(p) return bit.bor(bit.band(ROLES[p.role], bit.bnot(p.deny)), tonumber(p.allow)) end
local function may(p, permission) return bit.band(granted(p), PERMISSIONS[permission]) ~= 0 end

local function permissions_json(p)
  local bits, parts = granted(p), {}
  for i, name in ipairs(PERMISSION_NAMES) do
    parts[i] = '"' .. name .. '":' .. (bit.band(bits, PERMISSIONS[name]) ~= 0 and 'true' or 'false')
  end
  return '{' .. table.concat(parts, ',') .. '}'
end

local function media_json(p)
  return '{"user_id":' .. p.user_id .. ',"video_enabled":' .. p.video .. ',"audio_enabled":' .. p.audio
    .. ',"screen_sharing":' .. p.screen .. ',"updated_at":' .. time_json(p.media_at) .. '}'
end

local function person_json(p, more)
  return '{"user_id":' .. p.user_id .. ',"name":' .. p.name .. ',"avatar":' .. p.avatar .. ',"role":"' .. p.role
    .. '","status":"' .. p.status .. '","video_enabled":' .. p.video .. ',"audio_enabled":' .. p.audio
    .. ',"screen_sharing":' .. p.screen .. ',"connection_quality":"' .. p.quality .. '","hand_raised":' .. p.hand
    .. ',"joined_at":' .. time_json(p.joined_at) .. ',"left_at":' .. time_json(p.left_at) .. (more or '') .. '}'
end

local function list_json(people, to_json)
  local parts = {}
  for _, p in ipairs(people) do
    if not HIDDEN[p.status] then parts[#parts + 1] = to_json(p) end
  end
  return '[' .. table.concat(parts, ',') .. ']'
end

local function people_json(people) return list_json(people, function(p) return person_json(p) end) end
