# SPDX-License-Identifier: MIT
# Strings, arrays and hashes that grow and are collected, regular expressions, fibers, threads, big
# numbers, marshalling, a subprocess.
require 'digest'
require 'json'
require 'stringio'
words = File.read('words.txt').split
counts = words.tally.sort_by { |word, count| [-count, word] }
counts.first(20).each { |word, count| puts format('%6d %s', count, word) }
random = Random.new(12)
table = Hash.new { |hash, key| hash[key] = [] }
text = +''
50_000.times do |i|
  table["k#{random.rand(5000)}"] << "value #{i}"
  table.delete("k#{random.rand(5000)}") if (i % 9).zero?
  text << words[random.rand(words.size)] << ' '
  GC.start if (i % 20_000).zero?
end
sum = ->(data) { Digest::SHA256.hexdigest(data) }
puts sum.(Marshal.dump(table.sort)), sum.(JSON.generate(table.sort))
puts sum.(text.gsub(/(\w+)ing/) { "#{$1.upcase}#{$&.size}" }), text.scan(/stem\d+/).uniq.size
puts (1..400).reduce(:*).to_s.size, (3**5000 % (10**50))
squares = Fiber.new { 1000.times { |i| Fiber.yield i * i }; nil }
total = 0
while (square = squares.resume)
  total += square
end
puts total
puts Array.new(8) { |i| Thread.new { (1..3000).map { |n| (n * i).to_s }.join.sum } }.map(&:value).inspect
puts IO.popen(['/usr/bin/sort', '-u'], 'r+') { |io| io.write(words.join("\n")); io.close_write; sum.(io.read) }
io = StringIO.new
10_000.times { |i| io.printf('%d,', i); io.rewind if i == 5000 }
puts sum.(io.string)
begin
  def deep(n) = deep(n + 1)
  deep(0)
rescue SystemStackError
  puts 'stack overflow'
end
exit 3
