/** Options of the original Autopilot that there are no more, and what to do instead (docs/guide/migrate.md). */
const gone: Readonly<Record<string, string>> = {
  '--module': 'It named a Go module: leave it out. A project is a package of npm, named after its operator',
  '--skip-gomod': 'It was about Go: leave it out',
  '--deepcopy-only': 'It was about Go: leave it out. `ap generate` writes only what has changed',
  '--push': '`ap build IMAGE --push` builds an image and brings it to its registry',
  '-p': '`ap build IMAGE --push` builds an image and brings it to its registry',
  '--verbose':
    'Leave it out: ap says what it does as it is. `logLevel: 0` in autopilot-operator.yaml makes an operator say more',
  '-v': 'Leave it out: ap says what it does as it is. `logLevel: 0` in autopilot-operator.yaml makes an operator say more',
}

/** What somebody has to know who used an option of the original, as a line; empty for any other error. */
export function aboutOriginal(error: string): string {
  const [, flag = ''] = /unknown option '(--?[a-z-]+)/.exec(error) ?? []
  const advice = gone[flag]
  return advice === undefined ? '' : `(the original Autopilot's ${flag} is gone. ${advice})\n`
}
