//! What Redis does for us in one step. Each script gives the names of the keys it found with what is not ours in them, and its
//! answer, both as lists of strings.
//!
//! What is under a key of ours and is not of its kind is deleted: it may be left by another program, or by a version that never
//! was. Whatever it was, what is ours is found again within seconds, and epochs are kept by the database, too.

use std::sync::LazyLock;

use ::redis::Script;

/// The names of keys: all of them begin with the version of what is in them, in braces, so that a Redis Cluster keeps them together.
pub(super) const NODES: &str = "{switchboard:1}:nodes";
pub(super) const NODE: &str = "{switchboard:1}:node:";
pub(super) const LEASE: &str = "{switchboard:1}:lease:";
pub(super) const EPOCH: &str = "{switchboard:1}:epoch:";

pub(super) const SECRET_KEY: &str = "{switchboard:1}:secret";

const COMMON: &str = r"
local garbage = {}
local function is_garbage(key)
    garbage[#garbage + 1] = key
    redis.call('DEL', key)
end
local function is(key, wanted)
    local kind = redis.call('TYPE', key).ok
    if kind == wanted then return true end
    if kind ~= 'none' then is_garbage(key) end
    return false
end
local function whole(text)
    return text and #text <= 15 and string.match(text, '^%d+$') and tonumber(text)
end
local function shown(number) return string.format('%.0f', number) end
local function now()
    local time = redis.call('TIME')
    return time[1] * 1000 + math.floor(time[2] / 1000)
end
-- node, run, epoch and address of who holds a lease. One that would not end is nobody's.
local function held(key)
    if not is(key, 'hash') then return nil end
    local got = redis.call('HMGET', key, 'node', 'run', 'epoch', 'address')
    local left = redis.call('PTTL', key)
    for field = 1, 4 do
        if not got[field] or #got[field] > 256 then got = nil break end
    end
    if got and whole(got[3]) and left >= 0 and left <= 60000 then return got end
    is_garbage(key)
    return nil
end
local function last_epoch(key)
    if not is(key, 'string') then return 0 end
    local last = redis.call('STRLEN', key) <= 15 and whole(redis.call('GET', key))
    if not last then is_garbage(key) end
    return last or 0
end
local function hold(lease, epoch, node, run, number, address, lasts)
    redis.call('SET', epoch, number)
    redis.call('HSET', lease, 'node', node, 'run', run, 'epoch', number, 'address', address)
    redis.call('PEXPIRE', lease, lasts)
end
";

fn script(code: &str) -> Script {
    Script::new(&format!("{COMMON}{code}"))
}

/// Keys: nodes, the node. Arguments: node, run, record, how long it lives, how many are kept.
pub(super) static BEAT: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local nodes, node = KEYS[1], KEYS[2]
local time, lives = now(), tonumber(ARGV[4])
is(nodes, 'zset')
if is(node, 'hash') then
    local run = redis.call('HGET', node, 'run')
    if run and run ~= ARGV[2] and redis.call('PTTL', node) >= 0 then return {garbage, {'taken'}} end
end
redis.call('HSET', node, 'run', ARGV[2], 'record', ARGV[3])
redis.call('PEXPIRE', node, lives)
redis.call('ZADD', nodes, time, ARGV[1])
redis.call('ZREMRANGEBYRANK', nodes, 0, -(tonumber(ARGV[5]) + 1))
if redis.call('PTTL', nodes) < lives then redis.call('PEXPIRE', nodes, lives) end
return {garbage, {'heard', shown(time)}}
",
    )
});

/// Keys: nodes, the node. Arguments: node, run.
pub(super) static LEAVE: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
if is(KEYS[2], 'hash') and redis.call('HGET', KEYS[2], 'run') == ARGV[2] then
    redis.call('DEL', KEYS[2])
    if is(KEYS[1], 'zset') then redis.call('ZREM', KEYS[1], ARGV[1]) end
end
return {garbage, {}}
",
    )
});

/// Keys: nodes. Arguments: what the name of a node's key begins with, how many are kept.
pub(super) static LIST: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local nodes, prefix = KEYS[1], ARGV[1]
local records = {}
if not is(nodes, 'zset') then return {garbage, records} end
for _, name in ipairs(redis.call('ZREVRANGE', nodes, 0, tonumber(ARGV[2]) - 1)) do
    local key = prefix .. name
    if is(key, 'hash') then
        local record = redis.call('HGET', key, 'record')
        if record and #record <= 4096 then records[#records + 1] = record else is_garbage(key) end
    else
        redis.call('ZREM', nodes, name)
    end
end
return {garbage, records}
",
    )
});

/// Keys: the lease, its epoch. Arguments: node, run, address, how long, the epoch it has to be above.
pub(super) static CLAIM: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local other = held(KEYS[1])
if other and other[2] ~= ARGV[2] then return {garbage, other} end
local epoch = shown(math.max(last_epoch(KEYS[2]), tonumber(ARGV[5])) + 1)
hold(KEYS[1], KEYS[2], ARGV[1], ARGV[2], epoch, ARGV[3], ARGV[4])
return {garbage, {ARGV[1], ARGV[2], epoch, ARGV[3]}}
",
    )
});

/// Keys: the lease, its epoch. Arguments: node, run, address, how long, the epoch in which it is held. Where nobody has it and
/// nobody had it since, Redis has lost its memory, or the holder was late: it is held again.
pub(super) static RENEW: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local holder = held(KEYS[1])
local own
if holder then own = holder[2] == ARGV[2] and holder[3] == ARGV[5]
else own = last_epoch(KEYS[2]) <= tonumber(ARGV[5]) end
if not own then return {garbage, {}} end
hold(KEYS[1], KEYS[2], ARGV[1], ARGV[2], ARGV[5], ARGV[3], ARGV[4])
return {garbage, {'held'}}
",
    )
});

/// Keys: the lease. Arguments: run, epoch.
pub(super) static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local holder = held(KEYS[1])
if holder and holder[2] == ARGV[1] and holder[3] == ARGV[2] then redis.call('DEL', KEYS[1]) end
return {garbage, {}}
",
    )
});

/// Keys: the lease.
pub(super) static HOLDER: LazyLock<Script> = LazyLock::new(|| script("return {garbage, held(KEYS[1]) or {}}"));

/// Keys: the secret. Arguments: the one proposed.
pub(super) static SECRET: LazyLock<Script> = LazyLock::new(|| {
    script(
        r"
local secret
if is(KEYS[1], 'string') then
    secret = redis.call('STRLEN', KEYS[1]) == 64 and redis.call('GET', KEYS[1])
    if not secret then is_garbage(KEYS[1]) end
end
if not secret then
    secret = ARGV[1]
    redis.call('SET', KEYS[1], secret)
end
return {garbage, {secret}}
",
    )
});
