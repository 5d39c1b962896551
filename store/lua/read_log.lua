-- What a reader that stands at `seq`-`sub` has not seen yet, in one instant with where the log stands.
-- ARGV  seq, sub
-- → {'ok', epoch, seq, sub, entries after the position} ; not_found when the session is gone

if not S then return refuse('not_found') end
local texts = {}
for _, entry in ipairs(redis.call('XRANGE', K.log, '(' .. A.seq .. '-' .. A.sub, '+')) do
  texts[#texts + 1] = entry[2][2]
end
return done(S.epoch, S.seq, S.sub, texts)
