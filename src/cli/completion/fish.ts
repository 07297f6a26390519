/**
 * What `ap completion fish` prints: to be sourced, or to be kept as `~/.config/fish/completions/ap.fish`. It runs nothing of what stands on
 * the line.
 */
export const fishCompletion = `# Completes ap in fish: ap completion fish > ~/.config/fish/completions/ap.fish
function __ap_complete
    set -l before (commandline -opc)
    # A quote that is still open is no part of the word.
    set -l current (commandline -ct | string trim --left --chars '"\\'')
    # --option=value: fish compares whole words.
    set -l option (string match --regex -- '^--[^=]*=' "$current")
    for line in (ap complete -- $before[2..-1] "$current" 2> /dev/null)
        switch $line
            case ':0'
                set -l typed (string replace --regex -- '^--[^=]*=' '' "$current")
                for file in (__fish_complete_path "$typed")
                    echo -- "$option$file"
                end
            case ':*'
            case '*'
                echo -- "$option$line"
        end
    end
end
complete --command ap --erase
complete --command ap --no-files --arguments '(__ap_complete)'
`
