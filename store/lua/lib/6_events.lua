-- The session's event log: a capped stream, and counters that the cap does not touch.

local function log_event(event_type, user, user_id_json, data_json)
  add_to_session('event_id', 1)
  local fields = {'type', event_type, 'user_id', user_id_json, 'data', data_json, 'at', NOW}
  redis.call('XADD', K.events, 'MAXLEN', A.events_cap, S.event_id .. '-0', unpack(fields))
  if event_type == 'error' then
    redis.call('XADD', K.errors, 'MAXLEN', A.errors_cap, S.event_id .. '-0', unpack(fields))
  end
  redis.call('HINCRBY', K.stats, 'total', 1)
  redis.call('HINCRBY', K.stats, 'type:' .. event_type, 1)
  if user ~= '' then redis.call('HINCRBY', K.stats, 'user:' .. user, 1) end
  return S.event_id
end

-- What the server saw somebody do: `by` is a participant, or nil when nobody did it.
local function log_seen(event_type, by, data_json)
  log_event(event_type, by and by.key or A.actor or '', by and by.user_id or A.actor_id or 'null', data_json or '{}')
end
