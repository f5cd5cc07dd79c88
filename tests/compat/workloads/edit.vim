" SPDX-License-Identifier: MIT
" Substitutions, a macro, global commands, functions, sorting, undo and writing.
edit words.txt
%s/\v<(\w)(\w*)>/\u\1\2/g
1,200g/e/normal! Ahello
function! Count(pattern)
  let l:words = {}
  for l:line in getline(1, '$')
    for l:word in split(l:line, '\W\+')
      if l:word =~# a:pattern
        let l:words[l:word] = get(l:words, l:word, 0) + 1
      endif
    endfor
  endfor
  return l:words
endfunction
let s:counts = Count('^A')
call append(0, map(sort(keys(s:counts)), {_, word -> word . ' ' . s:counts[word]}))
300,400sort! u
normal! gg
let @q = "ddp"
normal 20@q
undo
undo
redo
2,50join
%s/hello/good day/ge
call append('$', printf('%d lines, %s', line('$'), strftime('%Y', 0)))
write! edited.txt
new
call setline(1, range(1, 2000))
global/5/move 0
write! numbers.edited
qall!
