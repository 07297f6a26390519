import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { errorReference } from './error-reference.ts'

/** Renews the pages of docs/reference that are made from the program: `npm run docs`. */
const folder = new URL('../docs/reference/', import.meta.url)
await mkdir(folder, { recursive: true })
const page = new URL('errors.md', folder)
await writeFile(page, errorReference())
console.log(`wrote ${fileURLToPath(page)}`)
