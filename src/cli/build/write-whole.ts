import { rename, rm } from 'node:fs/promises'

/** Writes a file or folder under another name first, so that nobody ever finds half of it; an older one is replaced. */
export async function writeWhole(path: string, write: (temporary: string) => Promise<unknown>): Promise<void> {
  const temporary = `${path}.${process.pid}.part`
  try {
    await write(temporary)
    await rm(path, { recursive: true, force: true })
    await rename(temporary, path)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}
