#compdef tagmoor
# SPDX-License-Identifier: Apache-2.0
# Completion of tagmoor for zsh.  It asks the program: `tagmoor __complete WORD...` prints the candidates, a line each
# with a description after a tab, and how to go on (cmd/complete.h), so that both always agree.

_tagmoor() {
    local -a offered described
    local directive line
    offered=("${(@f)$("$words[1]" __complete "${(@Q)words[2,CURRENT]}" 2>/dev/null)}")
    directive=$offered[-1]
    offered=("${(@)offered[1,-2]}")
    compset -P '*='
    case $directive in
    :0) _files ;;
    :16) _files -/ ;;
    :4)
        for line in $offered; do
            described+=("${${line%%$'\t'*}//:/\\:}${${(M)line%$'\t'*}:+:${line#*$'\t'}}")
        done
        _describe -V 'tagmoor' described
        ;;
    esac
}

_tagmoor "$@"
