# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Completion of tagmoor for bash.  It asks the program: `tagmoor __complete WORD...` prints the candidates, a line
# each with a description after a tab, and how to go on (cmd/complete.h), so that both always agree.

_tagmoor() {
    local current=${COMP_WORDS[COMP_CWORD]} word words=() offered=() glue=''
    COMPREPLY=()
    # bash takes `--policy=FILE` and `json=FILE` apart at the sign.
    for word in "${COMP_WORDS[@]:1:COMP_CWORD}"; do
        if [ ${#words[@]} -gt 0 ] && { [ "$word" = = ] || [ -n "$glue" ]; }; then
            words[-1]+=$word
        else
            words+=("$word")
        fi
        glue=''
        [ "$word" != = ] || glue=yes
    done
    [ "$current" != = ] || current=''
    mapfile -t offered < <("${COMP_WORDS[0]}" __complete "${words[@]}" 2>/dev/null)
    [ ${#offered[@]} -gt 0 ] || return 0
    case ${offered[-1]} in
    :0)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        ;;
    :16)
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "$current")
        ;;
    *)
        unset 'offered[-1]'
        COMPREPLY=("${offered[@]%%$'\t'*}")
        ;;
    esac
}

complete -F _tagmoor tagmoor
