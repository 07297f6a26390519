import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'

/** What a command came to. */
export interface Typed {
  readonly code: number | null
  /** Standard output and errors as a terminal mixes them. */
  readonly printed: string
}

/** A shell that somebody works in: it stays in the folder that a command changed to. */
export class Terminal {
  folder: string
  readonly #env: NodeJS.ProcessEnv
  readonly #background: Background[] = []

  /** `programs` are folders that go before the search path. */
  constructor(folder: string, programs: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.folder = folder
    this.#env = {
      ...process.env,
      PATH: [...programs, dirname(process.execPath), process.env['PATH']].join(delimiter),
      NO_COLOR: '1',
      NPM_CONFIG_LOGLEVEL: 'error',
      NPM_CONFIG_PREFER_OFFLINE: 'true',
      ...env,
    }
    // A test runner says of itself in these that it is one.
    for (const name of ['VITEST', 'VITEST_MODE', 'VITEST_POOL_ID', 'VITEST_WORKER_ID', 'NODE_ENV', 'FORCE_COLOR'])
      delete this.#env[name]
  }

  async write(file: string, text: string): Promise<void> {
    const path = join(this.folder, file)
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }

  async type(command: string): Promise<Typed> {
    const script = `exec 2>&1\n${command}\nstatus=$?\npwd >&3\nexit $status\n`
    const child = spawn('bash', ['-c', script], {
      cwd: this.folder,
      env: this.#env,
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    })
    const [printed, folder, code] = await Promise.all([
      textOf(child.stdio[1]),
      textOf(child.stdio[3]),
      new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve)),
    ])
    if (folder.trim() !== '') this.folder = folder.trim()
    return { code, printed }
  }

  /** Starts a command that goes on, and resolves as soon as what it printed satisfies `until`. */
  async start(command: string, until: (printed: string) => boolean): Promise<Background> {
    const background = new Background(command, this.folder, this.#env)
    this.#background.push(background)
    await background.until(until)
    return background
  }

  /** Ends, as Ctrl-C does, whatever was started. */
  async close(): Promise<void> {
    await Promise.all(this.#background.map((one) => one.interrupt()))
  }
}

/** A command that goes on beside others. */
export class Background {
  printed = ''
  readonly #child: ReturnType<typeof spawn>
  readonly #ended: Promise<number | null>
  readonly #listeners = new Set<() => void>()
  #over = false

  constructor(command: string, cwd: string, env: NodeJS.ProcessEnv) {
    // A group of its own: what Ctrl-C reaches in a terminal.
    this.#child = spawn('bash', ['-c', `exec 2>&1\n${command}`], {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    this.#child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.printed += text
      for (const listener of this.#listeners) listener()
    })
    this.#ended = new Promise((resolve, reject) => {
      this.#child.on('error', reject).on('close', (code) => {
        this.#over = true
        for (const listener of this.#listeners) listener()
        resolve(code)
      })
    })
  }

  /** Resolves when what was printed satisfies the condition; rejects when the command ends before. */
  until(condition: (printed: string) => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const isSo = condition(this.printed)
        if (!isSo && !this.#over) return
        this.#listeners.delete(look)
        if (isSo) resolve()
        else reject(new Error(`it ended before it printed what was waited for:\n${this.printed}`))
      }
      this.#listeners.add(look)
      look()
    })
  }

  /** Whether no process of the group is left. */
  isGone(): boolean {
    const { pid } = this.#child
    if (pid === undefined) return true
    try {
      return !process.kill(-pid, 0)
    } catch {
      // There is no such group any more.
      return true
    }
  }

  /** As Ctrl-C does; resolves with the exit code. Calling it again does nothing. */
  interrupt(): Promise<number | null> {
    const { pid } = this.#child
    if (!this.#over && pid !== undefined) process.kill(-pid, 'SIGINT')
    return this.#ended
  }
}

async function textOf(stream: unknown): Promise<string> {
  let text = ''
  if (!isReadable(stream)) return text
  for await (const chunk of stream) text += String(chunk)
  return text
}

function isReadable(stream: unknown): stream is AsyncIterable<unknown> {
  return typeof stream === 'object' && stream !== null && Symbol.asyncIterator in stream
}
