# Completions of qdex for fish: save this as qdex.fish in ~/.config/fish/completions.
function __qdex_complete
    set -l words (commandline -opc)
    set -l typed (commandline -ct)
    # A quote that is open is not part of the word.
    set -l word (string unescape -- $typed 2>/dev/null; or string trim --left --chars='"\'' -- $typed)
    set -l program qdex
    # A program that is called by its path answers for itself.
    string match -q -- '*/*' $words[1]; and set program (string replace -r '^~/' $HOME/ -- $words[1])
    set -l lines (command $program complete -- $words[2..-1] "$word" 2>/dev/null)
    # Behind an option with its value attached, only the value is a path.
    set -l option (string match -r -- '^--[^=]*=' $word; or echo '')
    set -l path (string replace -r -- '^--[^=]*=' '' $word)
    switch "$lines[1]"
        case files
            printf '%s\n' $option(__fish_complete_path $path)
        case folders
            printf '%s\n' $option(__fish_complete_directories $path '')
        case '*'
            printf '%s\n' $lines[2..-1]
    end
end
# The most frequent values come first.
complete -c qdex -f -k -a '(__qdex_complete)'
