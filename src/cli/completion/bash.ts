/**
 * What `ap completion bash` prints: needs nothing but bash 3.2, may be sourced again, and runs nothing of what stands on the line. The
 * words are those of bash, which parts `--mesh=istio` into three, as it does `a:b`, and leaves quotes where they are.
 */
export const bashCompletion = `# Completes ap in bash; in ~/.bashrc: source <(ap completion bash)
_ap_complete() {
  local current=\${COMP_WORDS[COMP_CWORD]} words=() count=0 word line
  [[ $current == [=:] ]] && current=
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD}"; do
    if [[ $count -gt 0 && ( $word == [=:] || \${words[count-1]} == *[=:] ) ]]; then
      words[count-1]+=$word
    else
      words[count]=$word
      count=$((count + 1))
    fi
  done
  local before=\${words[count-1]}
  before=\${before%"$current"}
  words[count-1]=\${words[count-1]#[\\"\\']}
  current=\${current#[\\"\\']}
  COMPREPLY=()
  while IFS=$'\\t' read -r line _; do
    if [[ $line == :4 ]]; then
      compopt +o default 2> /dev/null
      continue
    fi
    [[ $line == :* ]] && continue
    line=\${line#"$before"}
    line=\${line#"\${before#*=}"}
    [[ $line == "$current"* ]] && COMPREPLY+=("$line")
  done < <(ap complete -- "\${words[@]}" 2> /dev/null)
}
complete -o default -F _ap_complete ap
`
