-- What it takes to know the board's state, in one instant: the events after `have`, and, where they do not reach back that
-- far, the newest snapshot before them. Nobody's permission is asked: the caller has looked that up.
-- ARGV  have (a version whose state the caller knows), epoch (in which it knows it)
-- → {'ok', epoch, version, background JSON, base version or '' , base state JSON or '', events: {version, type, data, …},
--    by JSON, ms of the last change}

if not S then return refuse('not_found', 'There is no such session.') end
local have = A.epoch == S.epoch and tonumber(A.have) or -1
local base = tonumber(S.board_base or '0')
local base_version, base_state = '', ''
if have < base or have > tonumber(S.board_version) then
  have = base
  base_version = tostring(base)
  base_state = redis.call('GET', K.session .. ':snapshot:' .. base) or ''
end
local events = {}
for _, op in ipairs(redis.call('XRANGE', K.ops, '(' .. have .. '-0', '+')) do
  events[#events + 1] = string.match(op[1], '^%d+')
  events[#events + 1] = op[2][2]
  events[#events + 1] = op[2][4]
end
return done(S.epoch, S.board_version, S.board_background, base_version, base_state, events,
  S.board_by or S.host_json, S.board_at or S.created_at)
