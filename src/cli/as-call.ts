/** Words that ask for help when they come first. */
export const helpWords: readonly string[] = ['help', '--help', '-h']

/** The arguments as a call of a command: `ap help get` and `ap --help get` are `ap get --help`, `ap --version` is `ap version`. */
export function asCall(args: readonly string[]): readonly string[] {
  const [first = ''] = args
  if (['--version', '-V'].includes(first)) return ['version']
  if (!helpWords.includes(first)) return args
  const name = args.find((arg) => !helpWords.includes(arg))
  return name === undefined ? ['--help'] : [name, '--help']
}
