import { execFile, spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

const run = promisify(execFile)
const entry = fileURLToPath(new URL('../../bin/ap.js', import.meta.url))

/** Whether this machine has the shell. Continuous integration installs all of them, so that there it is an error to have none. */
export function hasShell(name: string): boolean {
  const found = spawnSync(name, ['-c', 'true']).status === 0
  if (!found && process.env['CI'] === 'true') throw new Error(`${name} is not installed: .ci/run installs it`)
  return found
}

/** A folder of a user whose search path has this checkout's `ap`. */
export interface Home {
  readonly folder: string
  readonly env: NodeJS.ProcessEnv
  close(): Promise<void>
}

export async function homeWithAp(env: Readonly<Record<string, string>> = {}): Promise<Home> {
  const folder = await mkdtemp(join(tmpdir(), 'ap-shell-'))
  const ap = join(folder, 'ap')
  await writeFile(ap, `#!/bin/sh\nexec '${process.execPath}' '${entry}' "$@"\n`)
  await chmod(ap, 0o755)
  return {
    folder,
    env: { ...process.env, HOME: folder, ZDOTDIR: folder, PATH: `${folder}${delimiter}${process.env['PATH']}`, ...env },
    close: () => rm(folder, { recursive: true }),
  }
}

/** What zsh, on a terminal of its own, makes of each of these unfinished lines when Tab is pressed once. */
export async function completedByZsh({ folder, env }: Home, cwd: string, lines: readonly string[]): Promise<string[]> {
  const outcome = join(folder, 'lines')
  const startup = `
    autoload -U compinit
    compinit -u -D
    source <(ap completion zsh)
    zle-line-init() {
      for BUFFER in "\${(@f)UNFINISHED}"; do
        CURSOR=$#BUFFER
        zle complete-word
        print -r -- $BUFFER >&3
      done
      exit
    }
    zle -N zle-line-init`
  await writeFile(join(folder, '.zshrc'), startup)
  const onTerminal = `zmodload zsh/zpty; zpty shell 'exec 3>$OUTCOME; exec zsh -i -d'; while zpty -r shell line; do :; done`
  await run('zsh', ['-f', '-c', onTerminal], { cwd, env: { ...env, OUTCOME: outcome, UNFINISHED: lines.join('\n') } })
  return (await readFile(outcome, 'utf8')).split('\n').slice(0, -1)
}

/** What fish offers for each of these unfinished lines, with a tab before what it says of it. */
export async function offeredByFish({ env }: Home, cwd: string, lines: readonly string[]): Promise<string[][]> {
  const script = `ap completion fish | source; for line in (string split \\n -- "$UNFINISHED"); complete --do-complete "$line"; echo; end`
  const { stdout } = await run('fish', ['--private', '--no-config', '-c', script], {
    cwd,
    env: { ...env, UNFINISHED: lines.join('\n') },
  })
  const offered: string[][] = [[]]
  for (const line of stdout.split('\n').slice(0, -1)) {
    if (line === '') offered.push([])
    else offered.at(-1)?.push(line)
  }
  return offered.slice(0, -1)
}
