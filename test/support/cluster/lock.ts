import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Runs `work` while this process holds the lock `file`; other processes on the machine wait for it.
 *
 * The lock is the one that SQLite takes on a database file, because the operating system itself gives it back when the holder dies,
 * however it dies. A file with a process id in it can be left behind.
 */
export async function withLock<T>(file: string, waiting: () => void, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(file), { recursive: true })
  const database = new DatabaseSync(file)
  try {
    while (!take(database)) {
      waiting()
      await delay(500)
    }
    return await work()
  } finally {
    database.close()
  }
}

function take(database: DatabaseSync): boolean {
  try {
    database.exec('BEGIN EXCLUSIVE')
    return true
  } catch (error) {
    if (error instanceof Error && error.message.includes('locked')) return false
    throw error
  }
}
