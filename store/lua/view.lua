-- What somebody with access sees of a session, in one instant.
-- ARGV  actor, actor_id, service?, generation?, permission? (needed to see it), writing? ('1': something is to be changed,
--       which a session that is over refuses), want (session, participants, media, stats; absent: just the access)
-- → {'ok', the text asked for or '', participant JSON or '', role, permission bits, generation, '1' when host,
--    scheduled end ms or '', user id JSON}

local p, no = known_actor()
if no then return no end
if A.writing and OVER[S.status] then return refuse('session_over') end
no = lacks(p, A.permission)
if no then return no end
local text = ''
if A.want == 'session' then
  text = session_json(p.key)
elseif A.want == 'participants' then
  text = people_json(everybody_shown())
elseif A.want == 'media' then
  text = list_json(everybody_shown(), media_json)
elseif A.want == 'stats' then
  local came = 0
  for _, someone in ipairs(everybody_shown()) do came = came + (someone.joined_at and 1 or 0) end
  text = '{"session_id":"' .. S.uuid .. '","status":"' .. S.status
    .. '","total_duration_seconds":' .. duration_seconds() .. ',"active_seconds":' .. active_seconds()
    .. ',"participants_total":' .. came .. ',"connected_now":' .. S.present .. ',"peak_concurrency":' .. S.peak .. ',"board_version":' .. S.board_version .. '}'
end
local bits = A.service and ALL_PERMISSIONS or granted(p)
return done(text, p.status and person_json(p) or '', p.role, tostring(bits), p.generation or '0',
  p.key == S.host and '1' or '0', S.scheduled_end or '', p.user_id or 'null')
