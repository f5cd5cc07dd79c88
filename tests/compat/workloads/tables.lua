-- SPDX-License-Identifier: MIT
-- Tables, strings and stacks that grow and shrink, closures, coroutines, errors; Lua gets every block,
-- larger or smaller, from realloc.
local words = {}
for line in io.lines("words.txt") do
    for word in line:gmatch("%S+") do
        words[#words + 1] = word
    end
end
local counts, names = {}, {}
for _, word in ipairs(words) do
    if not counts[word] then
        names[#names + 1] = word
    end
    counts[word] = (counts[word] or 0) + 1
end
table.sort(names, function(a, b)
    return counts[a] > counts[b] or counts[a] == counts[b] and a < b
end)
for i = 1, 20 do
    print(counts[names[i]], names[i])
end
local state = 14
local function random(n)
    state = (state * 1103515245 + 12345) % 2147483648
    return state % n
end
local live = {}
for i = 1, 60000 do
    live[random(3000)] = { i, name = "n" .. i, list = { random(9), random(9), random(9) } }
    if i % 7 == 0 then
        live[random(3000)] = nil
    end
    if i % 20000 == 0 then
        collectgarbage()
    end
end
local sum = 0
for i = 0, 2999 do
    sum = sum + (live[i] and live[i][1] + #live[i].name or 0)
end
print(sum)
local parts = {}
for i = 1, 20000 do
    parts[#parts + 1] = ("%d:%s"):format(i, words[random(#words) + 1])
end
local text = table.concat(parts, ",")
print(#text, #text:gsub("stem", "root"), select(2, text:gsub("(%d)(%a)", "%2%1")))
local function walk(n)
    return coroutine.wrap(function()
        for i = 1, n do
            coroutine.yield(i, ("x"):rep(i % 50))
        end
    end)
end
local total = 0
for i, x in walk(20000) do
    total = total + i * #x
end
print(total)
local function deep(n)
    return 1 + deep(n + 1)
end
print(pcall(deep, 1) == false, select("#", table.unpack(words, 1, 200)))
print(pcall(error, { code = 5 }), #string.pack("<i4s2", 7, text:sub(1, 500)))
os.exit(1, true)
