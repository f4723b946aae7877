# Completions of qdex for bash 3.2 and later: source this from ~/.bashrc.
_qdex() {
    COMPREPLY=()
    local program=qdex
    # A program that is called by its path answers for itself.
    [[ $1 == */* ]] && program=${1/#\~\//$HOME/}
    local kind='' candidate
    while IFS= read -r candidate; do
        if [[ -z $kind ]]; then
            kind=$candidate
        else
            COMPREPLY+=("$candidate")
        fi
    done < <("$program" complete --bash "${COMP_LINE:0:COMP_POINT}" --replaced "$2" 2>/dev/null)
    case $kind in
        files) compopt -o default 2>/dev/null || COMPREPLY=($(compgen -f -- "$2")) ;;
        folders) compopt -o dirnames 2>/dev/null || COMPREPLY=($(compgen -d -- "$2")) ;;
        open) compopt -o nospace 2>/dev/null ;;
    esac
}
# The most frequent values come first.
complete -o nosort -F _qdex qdex 2>/dev/null || complete -F _qdex qdex
