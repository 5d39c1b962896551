-- Keeps a state as a snapshot, and drops the events before it, which it holds. Writing the same version again only makes
-- an automatic one manual. Atomic, so that two instances may do it at once, and events are never dropped unsaved.
-- ARGV  version, epoch, state (JSON text), kind (auto, manual), by (JSON text), size_bytes, kept_automatic,
--       logged ('1': board_saved goes into the event log), actor?, actor_id?
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
if not known then
  redis.call('SET', K.session .. ':snapshot:' .. A.version, A.state)
end
if not known or (A.kind == 'manual' and string.find(known, '"snapshot_type":"auto"', 1, true)) then
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
  redis.call('XTRIM', K.ops, 'MINID', (version + 1) .. '-0')
end
local surplus = redis.call('ZCARD', K.auto) - tonumber(A.kept_automatic)
if surplus > 0 then
  for _, old in ipairs(redis.call('ZRANGE', K.auto, 0, surplus - 1)) do
    if old ~= S.board_base then
      redis.call('ZREM', K.auto, old)
      redis.call('HDEL', K.snapshots, old)
      redis.call('DEL', K.session .. ':snapshot:' .. old)
    end
  end
end
if A.logged then log_seen('board_saved', A.actor and person(A.actor), '{"version":' .. A.version .. '}') end
return done(text)
