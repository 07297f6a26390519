import { execFile } from 'node:child_process'

export interface DebianPackage {
  readonly name: string
  readonly version: string
}

/** Which packages of the building machine files are of; without those that dpkg does not know, so without any where it is not used. */
export async function debianPackages(files: readonly string[]): Promise<Map<string, DebianPackage>> {
  // Debian's files moved from /lib to /usr/lib; its records name them by either.
  const byRecord = new Map(
    files.flatMap((file) => [[file, file] as const, [file.replace(/^\/usr\/lib/, '/lib'), file] as const]),
  )
  const owners = new Map<string, string>()
  for (const line of await dpkgQuery(['--search', ...byRecord.keys()])) {
    const [, owner, path] = /^([^:\s]+(?::[a-z0-9]+)?): (\/.*)$/.exec(line) ?? []
    const file = path === undefined ? undefined : byRecord.get(path)
    if (file !== undefined && owner !== undefined) owners.set(file, owner)
  }
  if (owners.size === 0) return new Map()
  const shown = await dpkgQuery([
    '--show',
    '--showformat=${binary:Package} ${Package} ${Version}\\n',
    ...new Set(owners.values()),
  ])
  const packages = new Map(
    shown.flatMap((line) => {
      const [id, name, version] = line.split(' ')
      return id && name && version ? [[id, { name, version }] as const] : []
    }),
  )
  return new Map(
    [...owners].flatMap(([file, owner]) => {
      const found = packages.get(owner) ?? packages.get(owner.replace(/:.*/, ''))
      return found === undefined ? [] : [[file, found] as const]
    }),
  )
}

/** Its lines; it fails when it does not know one of the files, and says what it does know all the same. */
function dpkgQuery(args: readonly string[]): Promise<string[]> {
  return new Promise((resolve) => {
    execFile('dpkg-query', args, { env: { ...process.env, LC_ALL: 'C' } }, (_error, stdout) =>
      resolve(stdout.split('\n')),
    )
  })
}
