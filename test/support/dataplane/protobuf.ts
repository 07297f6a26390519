/** As much of the encoding of Protocol Buffers as the few messages of these tests need (protobuf.dev, Encoding). */

/** One field with text, bytes, a message or a whole number. */
export function field(number: number, value: string | Buffer | number): Buffer {
  if (typeof value === 'number') return Buffer.concat([varint(number << 3), varint(value)])
  const bytes = Buffer.from(value)
  return Buffer.concat([varint((number << 3) | 2), varint(bytes.length), bytes])
}

/** The fields with text, bytes or a message; numbers are left out. */
export function fieldsIn(message: Buffer): { readonly number: number; readonly value: Buffer }[] {
  const found: { number: number; value: Buffer }[] = []
  for (let at = 0; at < message.length; ) {
    const tag = readVarint(message, at)
    const next = readVarint(message, tag.end)
    at = next.end
    const wireType = tag.value & 7
    if (wireType === 0) continue
    if (wireType !== 2) throw new Error(`a field of the wire type ${wireType} is not expected`)
    found.push({ number: tag.value >> 3, value: message.subarray(at, at + next.value) })
    at += next.value
  }
  return found
}

/** The message as gRPC sends it: uncompressed, after its length. */
export function framed(message: Buffer): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(message.length, 1)
  return Buffer.concat([head, message])
}

/** The whole messages at the beginning of what a gRPC stream has brought, and what is left of it. */
export function unframed(received: Buffer): { readonly messages: Buffer[]; readonly rest: Buffer } {
  const messages: Buffer[] = []
  let rest = received
  while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
    const end = 5 + rest.readUInt32BE(1)
    messages.push(rest.subarray(5, end))
    rest = rest.subarray(end)
  }
  return { messages, rest }
}

function varint(value: number): Buffer {
  const bytes: number[] = []
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left])
    bytes.push((left % 128) + 128)
  }
}

function readVarint(message: Buffer, from: number): { readonly value: number; readonly end: number } {
  let value = 0
  for (let at = from, factor = 1; at < message.length; at += 1, factor *= 128) {
    const byte = message[at] ?? 0
    value += (byte & 127) * factor
    if (byte < 128) return { value, end: at + 1 }
  }
  throw new Error('a number has no end')
}
