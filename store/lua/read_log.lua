-- What a reader that stands at `seq`-`sub` has not seen yet, in one instant with where the log stands. A reader that is further
-- than the log is the witness that the store lost the log's end: then the log goes on under another epoch.
-- ARGV  seq, sub, epoch?
-- → {'ok', epoch, seq, sub, entries after the position} ; not_found when the session is gone

if not S then return refuse('not_found') end
local seq, sub = tonumber(A.seq), tonumber(A.sub)
if A.epoch == S.epoch and (seq > tonumber(S.seq) or seq == tonumber(S.seq) and sub > tonumber(S.sub)) then
  continue_log()
end
local texts = {}
for _, entry in ipairs(redis.call('XRANGE', K.log, '(' .. A.seq .. '-' .. A.sub, '+')) do
  texts[#texts + 1] = entry[2][2]
end
return done(S.epoch, S.seq, S.sub, texts)
