/**
 * What `ap completion zsh` prints: to be sourced after `compinit`, or to be kept as the file `_ap` in a folder of `$fpath`. It runs nothing
 * of what stands on the line.
 */
export const zshCompletion = `#compdef ap
# Completes ap in zsh; in ~/.zshrc, after compinit: source <(ap completion zsh)
_ap() {
  local value about files=1
  local -a typed offers
  # Of the last word, what is left of the cursor, as ap would get it.
  typed=("\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}")
  while IFS=$'\\t' read -r value about; do
    case $value in
      :4) files=0 ;;
      :*) ;;
      *) offers+=("\${value//:/\\\\:}\${about:+:$about}") ;;
    esac
  done < <(ap complete -- "\${typed[@]}" 2> /dev/null)
  # --option=value: only the value is to be completed.
  [[ $PREFIX == --*=* ]] && compset -P '*='
  if (( $#offers )); then
    local -a kind
    [[ $PREFIX == -* ]] && kind=(-o)
    _describe $kind 'ap' offers
  elif (( files )); then
    _files
  else
    return 1
  fi
}

if [[ \${funcstack[1]} == _ap ]]; then
  _ap "$@"
elif (( $+functions[compdef] )); then
  compdef _ap ap
else
  print -u2 'completion of ap needs: autoload -U compinit; compinit'
fi
`
