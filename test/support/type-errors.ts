import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const root = process.cwd()

/** As in a new project, with the library of this checkout. */
const compilerOptions = {
  target: 'es2024',
  module: 'nodenext',
  moduleResolution: 'nodenext',
  lib: ['es2024', 'esnext.disposable'],
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  erasableSyntaxOnly: true,
  allowImportingTsExtensions: true,
  resolveJsonModule: true,
  skipLibCheck: true,
  noEmit: true,
  noErrorTruncation: true,
  paths: { 'mesh-autopilot': [join(root, 'src', 'index.ts')] },
}

/** What the compiler says of a project with these files, all lines of an error together. Empty when it compiles. */
export async function typeErrors(files: Readonly<Record<string, string>>): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'ap-types-'))
  try {
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'))
    const all = {
      ...files,
      'package.json': '{"type":"module"}',
      'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src'] }),
    }
    for (const [path, text] of Object.entries(all)) {
      await mkdir(dirname(join(folder, path)), { recursive: true })
      await writeFile(join(folder, path), text)
    }
    return (await compile(folder)).split(/\n(?=\S)/).filter((error) => error.trim() !== '')
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** The compiler's own program: a status of 1 or 2 means that it found errors, which it prints. */
function compile(folder: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const tsc = join(root, 'node_modules', '.bin', 'tsc')
    execFile(
      tsc,
      ['-p', folder, '--pretty', 'false'],
      { cwd: folder, maxBuffer: 16 * 1024 * 1024 },
      (error, stdout) => {
        if (error !== null && stdout === '') reject(error)
        else resolve(stdout)
      },
    )
  })
}
