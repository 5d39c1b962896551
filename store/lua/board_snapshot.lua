-- Keeps a state as a snapshot, and drops the events before it, which it holds. Writing the same version again only makes
-- an automatic one manual. Atomic, so that two instances may do it at once, and events are never dropped unsaved.
-- ARGV  version, epoch, state (JSON text), kind (auto, manual), by (JSON text), size_bytes, kept_automatic, kept_bytes
--       (of all snapshots: the oldest automatic ones go first, then manual ones are refused), logged ('1': board_saved goes into the event log), actor?, actor_id?
-- → {'ok', metadata JSON} ; {'ok', ''} when the board is another one now

if not S then return refuse('not_found', 'There is no such session.') end
local version = tonumber(A.version)
if A.epoch ~= S.epoch or version > tonumber(S.board_version) then return done('') end

local function metadata(kind, created_at)
  return '{"version":' .. A.version .. ',"snapshot_type":"' .. kind .. '","created_at":' .. time_json(created_at)
    .. ',"created_by":' .. A.by .. ',"size_bytes":' .. A.size_bytes .. ',"participant_count":' .. S.present
    .. ',"thumbnail_url":null}'
end

local known = redis.call('HGET', K.snapshots, A.version)
local text = known
local becomes_manual = A.kind == 'manual' and not (known and string.find(known, '"snapshot_type":"manual"', 1, true))
if becomes_manual then
  if tonumber(S.manual_bytes or '0') + #A.state > tonumber(A.kept_bytes) then
    return refuse('too_large', 'There is no room for another saved board in this session.')
  end
  add_to_session('manual_bytes', #A.state)
end
if not known then
  redis.call('SET', K.session .. ':snapshot:' .. A.version, A.state)
  add_to_session('snapshot_bytes', #A.state)
end
if not known or becomes_manual then
  text = metadata(A.kind, NOW)
  redis.call('HSET', K.snapshots, A.version, text)
  if A.kind == 'auto' then
    redis.call('ZADD', K.auto, version, A.version)
  else
    redis.call('ZREM', K.auto, A.version)
  end
end
if version > tonumber(S.board_base or '0') then
  set_session('board_base', A.version)
  set_session('base_bytes', #A.state)
  redis.call('XTRIM', K.ops, 'MINID', (version + 1) .. '-0')
  local bytes = 0
  for _, op in ipairs(redis.call('XRANGE', K.ops, '-', '+')) do bytes = bytes + #op[2][4] end
  set_session('ops_bytes', bytes)
end

local automatic = redis.call('ZRANGE', K.auto, 0, -1)
local surplus, surplus_bytes = #automatic - tonumber(A.kept_automatic), tonumber(S.snapshot_bytes) - tonumber(A.kept_bytes)
for _, old in ipairs(automatic) do
  if surplus <= 0 and surplus_bytes <= 0 then break end
  if old ~= S.board_base then
    local key = K.session .. ':snapshot:' .. old
    local bytes = redis.call('STRLEN', key)
    redis.call('ZREM', K.auto, old)
    redis.call('HDEL', K.snapshots, old)
    redis.call('DEL', key)
    add_to_session('snapshot_bytes', -bytes)
    surplus, surplus_bytes = surplus - 1, surplus_bytes - bytes
  end
end
if A.logged then log_seen('board_saved', A.actor and person(A.actor), '{"version":' .. A.version .. '}') end
return done(text)
