#compdef qdex
# Completions of qdex for zsh: save this as _qdex in a folder of $fpath, or source it behind compinit.
_qdex() {
    local program=qdex line word about kind
    # A program that is called by its path answers for itself.
    [[ $words[1] == */* ]] && program=${(Q)${words[1]/#\~\//$HOME/}}
    local -a lines whole open
    lines=("${(@f)$(command $program complete -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
    kind=$lines[1]
    if [[ $kind == files || $kind == folders ]]; then
        # Behind an option with its value attached, only the value is a path.
        compset -P '--*='
        [[ $kind == folders ]] && { _files -/; return }
        _files
        return
    fi
    for line in "${(@)lines[2,-1]}"; do
        [[ -n $line ]] || continue
        word=${line%%$'\t'*}
        about=${line#*$'\t'}
        word=${${word//\\/\\\\}//:/\\:}
        [[ -n $about ]] && word+=":$about"
        if [[ ${line%%$'\t'*} == *[/#:=] ]]; then
            open+=("$word")
        else
            whole+=("$word")
        fi
    done
    # The most frequent values come first; case does not matter.
    local code=1
    (( $#whole )) && _describe -V 'qdex' whole -M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}' && code=0
    (( $#open )) && _describe -V 'qdex' open -M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}' -S '' && code=0
    return code
}
if [[ $funcstack[1] == _qdex ]]; then
    _qdex "$@"
else
    compdef _qdex qdex
fi
