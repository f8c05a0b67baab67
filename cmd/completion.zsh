#compdef tagmoor
# SPDX-License-Identifier: Apache-2.0
# Completion of tagmoor for zsh.  It asks the program's own --help, so that both always agree.

# The commands with what they do, `name:summary` a line.
_tagmoor_commands() { # PROGRAM
    "$1" --help 2>/dev/null | sed -n '/^commands:/,/^$/s/^  \([a-z][a-z-]*\)  *\(.*\)$/\1:\2/p'
}

# The options of a command as _arguments wants them, a line each.
_tagmoor_options() { # PROGRAM COMMAND
    "$1" "$2" --help 2>/dev/null | awk '
        function flush(   action, words, shown, spec) {
            if (name == "") return
            words = argument
            if (argument ~ /^FORMAT/) { words = text; sub(/^.*: /, "", words) }
            if (argument ~ /=FILE/) words = formats
            gsub(/[ ,|]+/, " ", words)
            action = " "
            if (words ~ /^[a-z]+( [a-z]+)+$/) action = "(" words ")"
            if (argument == "FILE") action = "_files"
            if (name == "--environment") action = "_tagmoor_environments"
            shown = text
            gsub(/[\[\]\\]/, "", shown); gsub(/:/, "\\:", shown); sub(/^ +/, "", shown)
            spec = "[" shown "]"
            gsub(/[\[\]:\\|]+/, " ", argument)
            if (argument != "-") spec = spec ":" argument ":" action
            print "*" name (argument != "-" ? "=" : "") spec
            if (letter != "") print "*" letter spec
        }
        /^formats:/ { lists = 1; next }
        /^options:/ { inside = 1; next }
        lists && !inside && NF > 0 { formats = formats (formats == "" ? "" : ",") $1 }
        !inside { next }
        /^  -/ {
            flush()
            letter = ($1 ~ /^-[a-zA-Z],$/) ? substr($1, 1, 2) : ""
            at = (letter == "") ? 1 : 2
            name = $at
            rest = substr($0, index($0, name) + length(name))
            argument = (rest ~ /^ [^ ]/) ? $(at + 1) : "-"
            text = rest
            if (argument != "-") sub(/^ [^ ]+/, "", text)
            next
        }
        { sub(/^ +/, " "); text = text $0 }
        END { flush() }'
}

# The environments of the policy in force, or of the one that the line names.
_tagmoor_environments() {
    local -a policy names
    local at=${words[(I)--policy]}
    (( at > 0 )) && policy=(${~words[at + 1]})
    names=(${(f)"$("$_tagmoor_program" policy show $policy 2>/dev/null |
        sed -n '/^environments:/,/^controllers:/s/^- name: "\(.*\)"$/\1/p')"})
    compadd -a names
}

# The first operand may be a word: `check FILE | show [FILE] | schema`.
_tagmoor_operand() {
    local usage
    local -a verbs given
    usage=$("$_tagmoor_program" "$_tagmoor_command" --help 2>/dev/null | sed -n '1s/^usage: tagmoor [a-z]*//p')
    verbs=(${(M)${=usage}:#[a-z]*})
    given=(${words:*verbs})
    if (( ${#verbs} && ! ${#given} )); then
        compadd -a verbs
    elif [[ $usage == *DIRECTORY* ]]; then
        _files -/
    elif [[ $usage == *(FILE|PATH|DUMP)* ]]; then
        _files
    fi
}

_tagmoor() {
    local _tagmoor_program=$words[1] _tagmoor_command=$words[2]
    local -a commands options
    if (( CURRENT == 2 )); then
        commands=(${(f)"$(_tagmoor_commands $_tagmoor_program)"})
        _describe -t commands command commands
        return
    fi
    options=(${(f)"$(_tagmoor_options $_tagmoor_program $_tagmoor_command)"})
    shift words
    (( CURRENT-- ))
    _arguments -S : $options '*: :_tagmoor_operand'
}

_tagmoor "$@"
