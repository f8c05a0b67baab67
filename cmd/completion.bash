# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Completion of tagmoor for bash.  It asks the program's own --help, so that both always agree.

# The commands, a word a line.
_tagmoor_commands() { # PROGRAM
    "$1" --help 2>/dev/null | sed -n '/^commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'
}

# The options of a command, a line each: `-o --output FORMAT[=FILE] WORD,WORD...`, `-` for what there is not.
_tagmoor_options() { # PROGRAM COMMAND
    "$1" "$2" --help 2>/dev/null | awk '
        function flush() {
            if (name == "") return
            words = argument
            if (argument ~ /^FORMAT/) { words = text; sub(/^.*: /, "", words) }
            if (argument ~ /=FILE/) words = formats
            gsub(/[ |]+/, ",", words); gsub(/,,+/, ",", words)
            if (words !~ /^[a-z]+(,[a-z]+)+$/) words = "-"
            print letter, name, argument, words
        }
        /^formats:/ { lists = 1; next }
        /^options:/ { inside = 1; next }
        lists && !inside && NF > 0 { formats = formats (formats == "" ? "" : ",") $1 }
        !inside { next }
        /^  -/ {
            flush()
            letter = ($1 ~ /^-[a-zA-Z],$/) ? substr($1, 1, 2) : "-"
            at = (letter == "-") ? 1 : 2
            name = $at
            rest = substr($0, index($0, name) + length(name))
            argument = (rest ~ /^ [^ ]/) ? $(at + 1) : "-"
            text = rest
            next
        }
        { sub(/^ +/, " "); text = text $0 }
        END { flush() }'
}

# What the usage line says of the operands: `check FILE | show [FILE] | schema`.
_tagmoor_operands() { # PROGRAM COMMAND
    "$1" "$2" --help 2>/dev/null | sed -n '1s/^usage: \(kubectl \)\{0,1\}tagmoor [a-z]*\( \[OPTION\]\.\.\.\)\{0,1\} \{0,1\}//p'
}

# The environments of the policy in force, or of the one that the line names.
_tagmoor_environments() { # PROGRAM WORD...
    local program=$1 policy=()
    shift
    while [ $# -gt 1 ]; do
        if [ "$1" = --policy ]; then
            policy=("${2/#\~\//$HOME/}")
        fi
        shift
    done
    "$program" policy show "${policy[@]}" 2>/dev/null | sed -n '/^environments:/,/^controllers:/s/^- name: "\(.*\)"$/\1/p'
}

_tagmoor_words() { # WORDS CURRENT
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_tagmoor_files() { # CURRENT
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

_tagmoor_directories() { # CURRENT
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -d -- "$1")
}

# The value of an option, by what --help calls it.
_tagmoor_value() { # OPTION ARGUMENT WORDS CURRENT
    case $2 in
    FILE) _tagmoor_files "$4" ;;
    FORMAT* | *\|*) _tagmoor_words "${3//,/ }" "$4" ;;
    NAME)
        if [ "$1" = --environment ]; then
            _tagmoor_words "$(_tagmoor_environments "${COMP_WORDS[@]}")" "$4"
        fi
        ;;
    esac
}

_tagmoor_operand() { # COMMAND CURRENT
    local operands word verbs=''
    operands=$(_tagmoor_operands "${COMP_WORDS[0]}" "$1")
    for word in $operands; do
        case $word in
        [a-z]*) verbs+=" $word" ;;
        esac
    done
    for word in "${COMP_WORDS[@]:2:COMP_CWORD-2}"; do
        case " $verbs " in
        *" $word "*) verbs='' ;;
        esac
    done
    if [ -n "$verbs" ]; then
        _tagmoor_words "$verbs" "$2"
    elif [[ $operands == *DIRECTORY* ]]; then
        _tagmoor_directories "$2"
    elif [[ $operands =~ FILE|PATH|DUMP ]]; then
        _tagmoor_files "$2"
    fi
}

_tagmoor() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} command=${COMP_WORDS[1]}
    local program=${COMP_WORDS[0]} letter name argument words all=''
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        _tagmoor_words "$(_tagmoor_commands "$program") --help --version" "$current"
        return
    fi
    # bash takes `--policy=FILE` and `json=FILE` apart at the sign.
    if [ "$current" = = ] || [ "$previous" = = ]; then
        [ "$current" = = ] && current='' || previous=${COMP_WORDS[COMP_CWORD - 2]}
        if [[ $previous != -* ]]; then
            _tagmoor_files "$current"
            return
        fi
    fi
    while read -r letter name argument words; do
        all+=" $name"
        if [ "$argument" != - ] && { [ "$previous" = "$name" ] || [ "$previous" = "$letter" ]; }; then
            _tagmoor_value "$name" "$argument" "$words" "$current"
            return
        fi
    done < <(_tagmoor_options "$program" "$command")
    case $current in
    -*) _tagmoor_words "$all" "$current" ;;
    *) _tagmoor_operand "$command" "$current" ;;
    esac
}

complete -F _tagmoor tagmoor
