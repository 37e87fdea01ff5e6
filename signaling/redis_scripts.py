"""The Lua scripts of the Redis store. Each runs as one atomic step on the server (Redis: EVAL, "atomic execution").

A lease is one string ``<fence> <process>`` with an expiry, so the server's clock alone decides when it ends.
Records of a log have the entry id ``<sequence>-0``, so that their number is their place.
"""

from __future__ import annotations

from typing import Final

OK: Final = 0
FENCE_LOST: Final = -1
SEQUENCE_MISMATCH: Final = -2
FULL: Final = -3

_HOLDS_FENCE = """
local lease = redis.call('GET', KEYS[1])
if not lease or string.match(lease, '^%d+') ~= ARGV[1] then return {-1, 0} end
"""

# KEYS lease, fence counter; ARGV process, ttl_ms → the new fence, or 0 when another process holds the lease
ACQUIRE: Final = """
local lease = redis.call('GET', KEYS[1])
if lease and string.match(lease, '^%d+ (.*)$') ~= ARGV[1] then return 0 end
local fence = redis.call('INCR', KEYS[2])
redis.call('SET', KEYS[1], fence .. ' ' .. ARGV[1], 'PX', ARGV[2])
return fence
"""

# KEYS lease; ARGV fence, ttl_ms
RENEW: Final = (
    _HOLDS_FENCE
    + """
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {0, 0}
"""
)

# KEYS lease; ARGV fence
RELEASE: Final = (
    _HOLDS_FENCE
    + """
redis.call('DEL', KEYS[1])
return {0, 0}
"""
)

# KEYS lease, log; ARGV fence, after, record… → {status, number of the last record}
APPEND: Final = (
    _HOLDS_FENCE
    + """
local last = 0
local tail = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)
if tail[1] then last = tonumber(string.match(tail[1][1], '^%d+')) end
if last ~= tonumber(ARGV[2]) then return {-2, last} end
for i = 3, #ARGV do
  last = last + 1
  redis.call('XADD', KEYS[2], string.format('%.0f-0', last), 'record', ARGV[i])
end
return {0, last}
"""
)

# KEYS lease, snapshot; ARGV fence, snapshot
PUT_SNAPSHOT: Final = (
    _HOLDS_FENCE
    + """
redis.call('SET', KEYS[2], ARGV[2])
return {0, 0}
"""
)

# KEYS lease, plan; ARGV fence, plan as JSON, channel, session
WRITE_PLAN: Final = (
    _HOLDS_FENCE
    + """
redis.call('SET', KEYS[2], ARGV[2])
redis.call('PUBLISH', ARGV[3], ARGV[4])
return {0, 0}
"""
)

# KEYS imports, their bytes; ARGV after, record, most imports, most bytes → {status, number of the last import}
PUT_INDICATORS: Final = """
local last = 0
local tail = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
if tail[1] then last = tonumber(string.match(tail[1][1], '^%d+')) end
if last ~= tonumber(ARGV[1]) then return {-2, last} end
local bytes = tonumber(redis.call('GET', KEYS[2]) or '0') + #ARGV[2]
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[3]) or bytes > tonumber(ARGV[4]) then return {-3, last} end
redis.call('XADD', KEYS[1], string.format('%.0f-0', last + 1), 'record', ARGV[2])
redis.call('INCRBY', KEYS[2], #ARGV[2])
return {0, last + 1}
"""

# KEYS imports, their bytes; ARGV before, how many at most → how many were removed; the newest stays
FORGET_INDICATORS: Final = """
local tail = redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 1)
if not tail[1] then return 0 end
local before = math.min(tonumber(ARGV[1]), tonumber(string.match(tail[1][1], '^%d+')))
local old = redis.call('XRANGE', KEYS[1], '-', string.format('(%.0f-0', before), 'COUNT', ARGV[2])
for _, entry in ipairs(old) do
  redis.call('XDEL', KEYS[1], entry[1])
  redis.call('DECRBY', KEYS[2], #entry[2][2])
end
return #old
"""

# KEYS generations; ARGV channel, point… → the new generations; the bell carries "point generation point generation …"
ROTATE: Final = """
local numbers, told = {}, {}
for i = 2, #ARGV do
  numbers[i - 1] = redis.call('HINCRBY', KEYS[1], ARGV[i], 1)
  told[i - 1] = ARGV[i] .. ' ' .. string.format('%.0f', numbers[i - 1])
end
redis.call('PUBLISH', ARGV[1], table.concat(told, ' '))
return numbers
"""

# KEYS lease of the process, its points, all processes; ARGV process: removes a process that is dead
FORGET: Final = """
if redis.call('EXISTS', KEYS[1]) == 1 then return 0 end
redis.call('DEL', KEYS[2])
redis.call('SREM', KEYS[3], ARGV[1])
return 1
"""

# KEYS inbox; ARGV limit, ttl_ms, message… → 1, or 0 when it is too full
SEND: Final = """
if redis.call('LLEN', KEYS[1]) + #ARGV - 2 > tonumber(ARGV[1]) then return 0 end
for i = 3, #ARGV do redis.call('RPUSH', KEYS[1], ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
"""

# KEYS accounts, generations, audit; ARGV name, version before (0: there is none), value, limit, generation, its key, channel,
# bound of the audit, entry → 1, 0 when another change was faster, or FULL
PUT_ACCOUNT: Final = """
local kept = redis.call('HGET', KEYS[1], ARGV[1])
local version = kept and string.match(kept, '^%d+') or '0'
if version ~= ARGV[2] then return 0 end
if not kept and redis.call('HLEN', KEYS[1]) >= tonumber(ARGV[4]) then return -3 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
redis.call('XADD', KEYS[3], 'MAXLEN', '~', ARGV[8], '*', 'entry', ARGV[9])
if ARGV[5] ~= '0' then
  redis.call('HSET', KEYS[2], ARGV[6], ARGV[5])
  redis.call('PUBLISH', ARGV[7], ARGV[6] .. ' ' .. ARGV[5])
end
return 1
"""

# KEYS cell; ARGV expected, new text, ttl_ms → 1, or 0 when it holds something else. A text is '=' and itself, '' is none.
SWAP_CELL: Final = """
local held = redis.call('GET', KEYS[1])
if (held and '=' .. held or '') ~= ARGV[1] then return 0 end
if ARGV[2] == '' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], string.sub(ARGV[2], 2), 'PX', ARGV[3])
end
return 1
"""
