-- The session's one sequence. A position is `seq-sub`: broadcasts are `n-0` and carry `"seq":n`; messages for one
-- person stand between them as `n-1`, `n-2`, … and carry none. Every entry names the position before it, so that a
-- reader sees at once when it lost one, and reads on from the log.
--
-- An entry is one text: `prev TAB position TAB kind TAB to TAB without TAB effect TAB origin TAB ack LF json`.
--   kind     s system, b board, d for one person, p for those who are on a webrtc or full socket; and, never logged,
--            e pointers, g signalling, i ICE candidates, x the presence relay, c closing connections
--   to       the only person who gets it (kind d)
--   without  the person whose own channel sockets do not get it (s), or none of whose sockets do (p)
--   effect   close:<code> (that person's sockets), over (everybody's, after the linger), or nothing
--   origin   the connection that sent it: it gets an ack instead (b), or nothing
--   ack      what the ack says besides the number, without braces (b)
-- The log is bounded in bytes as well (docs/decisions/0013-bounded-sessions.md): an entry of more than `large_bytes`
-- (whole boards) stands in it as a reference, `large` and its size, and in the hash K.large itself; there the oldest go
-- when together they take more than `log_bytes`. A log with entries of more than MEDIUM_BYTES is shorter.
-- User ids have no control characters (schemas/ids.py), so TAB and LF are safe.

local function entry(previous, position, kind, to, without, effect, origin, ack, json)
  return table.concat({previous, position, kind, to, without, effect, origin, ack}, '\t') .. '\n' .. json
end

local MEDIUM_BYTES = 4096
local SHORT_LENGTH = 2200

local function drop_large(surplus)
  local positions = redis.call('HKEYS', K.large)
  table.sort(positions, function(a, b) return tonumber(string.match(a, '^%d+')) < tonumber(string.match(b, '^%d+')) end)
  for i = 1, #positions - 1 do -- the newest stays
    if surplus <= 0 then return end
    local bytes = redis.call('HSTRLEN', K.large, positions[i])
    redis.call('HDEL', K.large, positions[i])
    set_session('large_lost', string.match(positions[i], '^%d+'))
    add_to_session('large_bytes', -bytes)
    surplus = surplus - bytes
  end
end

local function append(position, text)
  local length = tonumber(A.log_length)
  if #text > MEDIUM_BYTES then length = math.min(length, SHORT_LENGTH) end
  if #text <= tonumber(A.large_bytes) then
    redis.call('XADD', K.log, 'MAXLEN', '~', length, position, 'm', text)
    return
  end
  redis.call('XADD', K.log, 'MAXLEN', '~', length, position, 'large', #text)
  redis.call('HSET', K.large, position, text)
  add_to_session('large_bytes', #text)
  drop_large(tonumber(S.large_bytes) - tonumber(A.log_bytes))
end

-- What an entry of the log says; nil when it was large and is not kept any more.
local function text_of(entry)
  if entry[2][1] == 'm' then return entry[2][2] end
  return redis.call('HGET', K.large, entry[1]) or nil
end

local function write(previous, position, ...)
  local text = entry(previous, position, ...)
  append(position, text)
  redis.call(PUBLISH, K.session, text)
end

-- `inner` is the message's text without its braces: the number is spliced in.
local function broadcast(kind, inner, without, effect, origin, ack)
  local previous = S.seq .. '-' .. S.sub
  add_to_session('seq', 1)
  set_session('sub', '0')
  write(previous, S.seq .. '-0', kind, '', without or '', effect or '', origin or '', ack or '',
    '{"seq":' .. S.seq .. ',' .. inner .. '}')
end

-- Logged, so that it heals, but without a number.
local function write_between(kind, to, without, effect, inner)
  local previous = S.seq .. '-' .. S.sub
  add_to_session('sub', 1)
  write(previous, S.seq .. '-' .. S.sub, kind, to, without, effect, '', '', inner == '' and '' or '{' .. inner .. '}')
end

local function tell(user, inner, effect) write_between('d', user, '', effect or '', inner) end

-- Published, and lost when nobody hears it.
local function publish_ephemeral(kind, to, origin, json)
  redis.call(PUBLISH, K.session, entry('', '', kind, to, '', '', origin, '', json))
end

local function tell_updated(p) broadcast('s', '"type":"participant_updated","participant":' .. person_json(p)) end

local function tell_left(p, reason)
  broadcast('s', '"type":"participant_left","user_id":' .. p.user_id .. ',"reason":"' .. reason .. '"')
end

local function tell_session(effect)
  broadcast('s', '"type":"session_updated","session":' .. session_json(), nil, effect)
end

local function tell_permissions(p)
  tell(p.key, '"type":"permissions_updated","user_id":' .. p.user_id .. ',"role":"' .. p.role
    .. '","permissions":' .. permissions_json(p))
end

-- Whether a position that somebody holds is one of this log: of this epoch, or from before the log was continued by a store
-- that had not received its end. `continues` names the former epochs, each with the number at which the next one continued it.
-- Those numbers only grow: a store that knows of an epoch has all that came before it.
local FORMER_EPOCHS = 8
local function is_of_this_log(epoch, seq)
  if epoch == S.epoch then return true end
  for former, at in string.gmatch(S.continues or '', '(%S+) (%d+)') do
    if former == epoch then return tonumber(seq) <= tonumber(at) end
  end
  return false
end

-- The log goes on from here, and what was said of later positions does not hold for it. Everybody who holds one sees by the
-- epoch that it is not of this log.
local function continue_log()
  local former = {}
  for one in string.gmatch(S.continues or '', '%S+ %d+') do former[#former + 1] = one end
  former[#former + 1] = S.epoch .. ' ' .. S.seq
  set_session('continues', table.concat(former, ' ', math.max(1, #former - FORMER_EPOCHS + 1)))
  set_session('epoch', string.match(S.epoch, '^[^.]+') .. '.' .. string.format('%x', NOW))
end

-- Whether the log still reaches back to `seq` without a hole; what came after it for a socket of that kind; and whether
-- there is more of that: RESUME_BYTES are read at a time, or one entry.
local LISTENS = {full = 'sbdp', system = 'sd', board = 'b', webrtc = '', presence = ''}
local RESUME_BYTES = 8388608
local RESUME_PAGE = 500
local function log_after(seq, socket)
  if seq > tonumber(S.seq) or seq < tonumber(S.large_lost or '0') then return false, {} end
  local texts, expected, bytes, from = {}, seq + 1, 0, seq .. '-0'
  repeat
    local page = redis.call('XRANGE', K.log, from, '+', 'COUNT', RESUME_PAGE)
    for _, entry in ipairs(page) do
      local entry_seq, entry_sub = string.match(entry[1], '^(%d+)-(%d+)$')
      local is_later, is_broadcast = tonumber(entry_seq) > seq, entry_sub == '0'
      if is_later and is_broadcast then
        if tonumber(entry_seq) ~= expected then return false, {} end
        expected = expected + 1
      end
      if is_later or not is_broadcast then
        local text = text_of(entry)
        if not text then return false, {} end
        if string.find(LISTENS[socket], string.match(text, '^[^\t]*\t[^\t]*\t(.)'), 1, true) then
          bytes = bytes + #text
          if bytes > RESUME_BYTES and #texts > 0 then return true, texts, true end
          texts[#texts + 1] = text
        end
      end
      from = '(' .. entry[1]
    end
  until #page < RESUME_PAGE
  return expected == tonumber(S.seq) + 1, texts
end
