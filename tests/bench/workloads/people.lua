-- SPDX-License-Identifier: MIT
-- Tables, strings, closures, sorting, patterns and metatables.
local state = 42
local function random(n)
  state = (state * 1103515245 + 12345) % 2147483648
  return state // 8 % n
end

local Person = {}
Person.__index = Person
Person.__lt = function(a, b)
  return a.age < b.age or (a.age == b.age and a.id < b.id)
end

local people, by_name = {}, {}
for i = 1, 60000 do
  local person = setmetatable({id = i, name = "name" .. random(5000), age = random(90)}, Person)
  person.friends = {}
  for j = 1, random(8) do
    person.friends[j] = random(60000) + 1
  end
  people[i] = person
  by_name[person.name] = by_name[person.name] or {}
  table.insert(by_name[person.name], person)
end
table.sort(people)

local parts = {}
for i, person in ipairs(people) do
  parts[#parts + 1] = string.format("%05d:%s;", person.id, person.name:upper())
  if i % 3 == 0 then
    person.greet = function(other) return person.name .. " greets " .. other end
  end
end
local text = table.concat(parts)
local changed, count = text:gsub("NAME(%d)(%d*)", "n%2%1")
local words = 0
for _ in changed:gmatch("%d+:n") do
  words = words + 1
end
local greeting = ""
for i = 3, 3000, 3 do
  greeting = greeting .. people[i].greet("x"):sub(1, 4)
end
print(#text, #changed, count, words, #greeting, people[1].id, people[60000].id)
