-- Gives a board event the next version, and sends it on. Atomic: permission, deduplication, order, log and broadcast are
-- one step, so that everybody sees one order, an event counts once, and a right that was taken is gone.
-- ARGV  actor, actor_id?, generation?, service?, pace?, pace_ms?, connection?, permission, event_type, data (JSON texts), id? (JSON text),
--       version? (the client's), conflicts ('1': an older client version is one), only_first ('1': only onto version 0),
--       clears ('1': the board is emptied), restores? (version), board_bytes (what the newest snapshot and the events
--       after it may take; twice that for what makes the board smaller)
-- → {'ok', 'applied', version} or {'ok', 'duplicate', version} or {'ok', 'conflict', version}

local p, no = known_actor()
if no then return no end
local mark = A.id and p.key .. '\t' .. A.id
if mark then
  local version = redis.call('ZSCORE', K.ids, mark)
  if version then return done('duplicate', version) end
end
no = hindrance(p, A.permission)
if no then return no end
if S.status == 'scheduled' then
  return refuse('invalid_transition', 'The board opens when somebody joined the lesson.')
end
if S.status == 'paused' and p.key ~= S.host and not A.service then return refuse('session_paused') end
if A.conflicts and A.version and tonumber(A.version) < tonumber(S.board_version) or
  A.only_first and S.board_version ~= '0' then
  return done('conflict', S.board_version)
end

if S.braked_until and NOW < tonumber(S.braked_until) then return refuse('overloaded') end
local FREES = {can_erase = true, can_delete_layers = true, can_clear_board = true}
local bytes = tonumber(S.base_bytes or '0') + tonumber(S.ops_bytes or '0') + #A.data
if bytes > tonumber(A.board_bytes) * (FREES[A.permission] and 2 or 1) then
  if FREES[A.permission] then return refuse('overloaded', 'The board cannot be saved as fast as it changes.') end
  return refuse('too_large', 'The board is full; erase something first.')
end

add_to_session('ops_bytes', #A.data)
add_to_session('board_version', 1)
local version = S.board_version
redis.call('HSET', K.session, 'board_by', '{"id":' .. p.user_id .. ',"name":' .. (p.name or '"The platform"') .. '}',
  'board_at', NOW)
redis.call('XADD', K.ops, version .. '-0', 'type', A.event_type, 'data', A.data)
if mark then
  redis.call('ZADD', K.ids, version, mark)
  if version % 256 == 0 then
    redis.call('ZREMRANGEBYSCORE', K.ids, '-inf', version - 2 * tonumber(A.log_length))
  end
end
if A.clears then log_seen('board_cleared', p, '{"version":' .. version .. '}') end
if A.restores then log_seen('board_restored', p, '{"version":' .. version .. ',"from":' .. A.restores .. '}') end
local id = A.id and ',"id":' .. A.id or ''
broadcast('b', '"type":"board_update","event_type":' .. A.event_type .. ',"data":' .. A.data .. ',"version":' .. version
  .. ',"user_id":' .. p.user_id .. id, nil, nil, A.connection, '"version":' .. version .. id)
return done('applied', version)
