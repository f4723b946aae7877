# Completions of qdex for elvish: eval this in ~/.config/elvish/rc.elv.
use path
use str
set edit:completion:arg-completer[qdex] = {|@words|
  var lines = []
  try {
    set lines = [((external $words[0]) complete -- (all $words[1..]) 2>$path:dev-null | from-lines)]
  } catch error {
    nop $error
  }
  if (> (count $lines) 0) {
    if (or (eq $lines[0] files) (eq $lines[0] folders)) {
      edit:complete-filename $words[-1]
    } else {
      for line $lines[1..] {
        var word about = (str:split &max=2 "\t" $line)
        var behind = ' '
        if (or (str:has-suffix $word /) (str:has-suffix $word '#') (str:has-suffix $word :) (str:has-suffix $word =)) {
          set behind = ''
        }
        var display = $word
        if (not-eq $about '') {
          set display = $word' ('$about')'
        }
        edit:complex-candidate $word &display=$display &code-suffix=$behind
      }
    }
  }
}
