import type { SharedLibrary } from './libraries.ts'
import type { NodeBinary } from './node-binary.ts'
import type { Entry } from './tar.ts'

/** User and group of the operator, as the Deployment has them. */
export const userId = 65532

/** Where Node lies in the image. */
export const nodePath = 'usr/local/bin/node'

const text = (path: string, content: string): Entry => ({ path, content: Buffer.from(content), mode: 0o644 })

/**
 * What every program finds: its libraries, users, and how hosts are looked up. There are no certificates of authorities: Node has
 * those of Mozilla built in, and the API server's comes with the token of the pod.
 */
export function systemFiles(libraries: readonly SharedLibrary[]): Entry[] {
  return [
    ...libraries.map(({ path, content }): Entry => ({ path, content, mode: 0o755 })),
    text('etc/passwd', `root:x:0:0:root:/:/none\nautopilot:x:${userId}:${userId}:autopilot:/app:/none\n`),
    text('etc/group', `root:x:0:\nautopilot:x:${userId}:\n`),
    text('etc/nsswitch.conf', 'hosts: files dns\npasswd: files\ngroup: files\n'),
    { path: 'tmp', folder: true, mode: 0o1777 },
  ]
}

export function nodeFiles({ content }: NodeBinary): Entry[] {
  return [{ path: nodePath, content, mode: 0o755 }]
}
