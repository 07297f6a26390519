/** What a program or a library for Linux needs to be started. */
export interface ElfNeeds {
  /** The loader, for programs: an absolute path. */
  readonly interpreter: string | undefined
  /** Names of libraries, as the loader looks for them. */
  readonly libraries: readonly string[]
}

const segment = { load: 1, dynamic: 2, interpreter: 3 } as const
const tag = { end: 0, needed: 1, strings: 5 } as const

/**
 * Reads what a 64-bit little-endian ELF file needs, without running it, so that it may be of another architecture (System V ABI,
 * "Program Header" and "Dynamic Section"). Undefined for what is no such file.
 */
export function readElfNeeds(file: Buffer): ElfNeeds | undefined {
  const isElf64 = file.length > 64 && file.readUInt32BE(0) === 0x7f454c46 && file[4] === 2 && file[5] === 1
  if (!isElf64) return undefined
  const [at, size, count] = [Number(file.readBigUInt64LE(32)), file.readUInt16LE(54), file.readUInt16LE(56)]
  const segments = Array.from({ length: count }, (_, index) => segmentAt(file, at + index * size))
  const interpreter = segments.find(({ type }) => type === segment.interpreter)
  const dynamic = segments.find(({ type }) => type === segment.dynamic)
  return {
    interpreter: interpreter && textAt(file, interpreter.offset),
    libraries: dynamic === undefined ? [] : neededBy(file, dynamic, segments),
  }
}

interface Segment {
  readonly type: number
  readonly offset: number
  readonly address: number
  readonly size: number
}

function segmentAt(file: Buffer, at: number): Segment {
  return {
    type: file.readUInt32LE(at),
    offset: Number(file.readBigUInt64LE(at + 8)),
    address: Number(file.readBigUInt64LE(at + 16)),
    size: Number(file.readBigUInt64LE(at + 32)),
  }
}

function neededBy(file: Buffer, { offset, size }: Segment, segments: readonly Segment[]): string[] {
  const entries: { tag: number; value: number }[] = []
  for (let at = offset; at < offset + size; at += 16) {
    const entry = { tag: Number(file.readBigInt64LE(at)), value: Number(file.readBigUInt64LE(at + 8)) }
    if (entry.tag === tag.end) break
    entries.push(entry)
  }
  const address = entries.find((entry) => entry.tag === tag.strings)?.value ?? 0
  const holder = segments.find(
    (one) => one.type === segment.load && one.address <= address && address < one.address + one.size,
  )
  if (holder === undefined) return []
  const strings = address - holder.address + holder.offset
  return entries.filter((entry) => entry.tag === tag.needed).map(({ value }) => textAt(file, strings + value))
}

function textAt(file: Buffer, offset: number): string {
  return file.toString('latin1', offset, file.indexOf(0, offset))
}
