#!/usr/bin/env node
// Plain JavaScript that old Nodes can read: the version is checked before anything else is loaded, because the libraries
// fail on an older Node with messages that do not name the cause.
import { existsSync } from 'node:fs'
import * as nodeModule from 'node:module'

const required = 24
const major = Number(process.versions.node.split('.')[0])

if (major < required) {
  process.stderr.write(
    `ap needs Node ${required} or later; this is Node ${process.versions.node} (${process.execPath}).\n` +
      'In a checkout, `npm ci` brings the right one: call `npm run --silent ap -- …`. Elsewhere install Node 24 LTS.\n',
  )
  process.exitCode = 1
} else {
  // Compiled code and stripped types are kept in the system's folder for temporary files: later calls start in a third of the time.
  nodeModule.enableCompileCache()
  // A checkout runs its sources; the package has only the build.
  const source = new URL('../src/cli/main.ts', import.meta.url)
  const entry = existsSync(source) ? source : new URL('../dist/src/cli/main.js', import.meta.url)
  const { main } = await import(entry.href)
  process.exitCode = await main(process.argv.slice(2))
}
