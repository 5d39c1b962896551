-- The server closes one of a person's channel sockets: their other ones close as well, on every instance (contract §1).
-- The connections are named one by one, so that one which opens a moment later stays open.
-- ARGV  person, code
-- → {'ok'}

if not S then return done() end
local entries, named = redis.call('HGETALL', sockets_key(A.person)), {}
for i = 1, #entries, 2 do
  local kind = string.match(entries[i + 1], '%S+$')
  if kind == 'system' or kind == 'board' or kind == 'webrtc' then named[#named + 1] = entries[i] end
end
if #named > 0 then
  redis.call(PUBLISH, K.session,
    entry('', '', 'c', A.person, '', 'close:' .. A.code, '', '', table.concat(named, ' ')))
end
return done()
