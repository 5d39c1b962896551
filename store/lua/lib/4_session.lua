-- The session's JSON text (contract §3, Session). Its access code is in it only for `reader` (a user key), when that is
-- the host: never in what is broadcast. `list` is everybody's text, if it was made already.

local function whole_seconds(ms) return string.format('%d', math.floor(ms / 1000)) end

local function duration_seconds()
  if not S.actual_start then return '0' end
  return whole_seconds(tonumber(S.actual_end or NOW) - tonumber(S.actual_start))
end

-- The same without the pauses.
local function active_seconds()
  local ms = tonumber(S.active_ms)
  if S.active_since then ms = ms + NOW - tonumber(S.active_since) end
  return whole_seconds(ms)
end

local function session_json(reader, list)
  return '{"uuid":"' .. S.uuid .. '","session_type":"' .. S.session_type .. '","status":"' .. S.status
    .. '","host":' .. S.host_json
    .. ',"participants":' .. (list or people_json(everybody_shown()))
    .. ',"scheduled_start":' .. time_json(S.scheduled_start) .. ',"scheduled_end":' .. time_json(S.scheduled_end)
    .. ',"actual_start":' .. time_json(S.actual_start) .. ',"actual_end":' .. time_json(S.actual_end)
    .. ',"total_duration_seconds":' .. duration_seconds() .. ',"board_version":' .. S.board_version
    .. ',"booking_id":' .. (S.booking_id or 'null') .. ',"join_url":"/classroom/' .. S.uuid
    .. '","max_participants":' .. S.max_participants
    .. ',"settings":{"allow_recording":' .. S.allow_recording
    .. ',"auto_save_interval":' .. S.auto_save_interval .. ',"max_participants":' .. S.max_participants
    .. ',"board_background":' .. S.board_background .. '}'
    .. (reader == S.host and S.access_code and ',"access_code":' .. S.access_code or '') .. '}'
end

-- When a session that never started expires: its scheduled end, else start, else creation, lies this far back.
local function due_ms()
  return tonumber(S.scheduled_end or S.scheduled_start or S.created_at) + tonumber(A.expire_ms)
end
