/** Everything of a body as text. */
export async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/**
 * The lines of a stream, without their ends and without empty ones. A last line without an end is not given out: it is an
 * answer that broke off.
 *
 * Cost: each byte is looked at once, whatever the size of the chunks.
 */
export async function* readLines(body: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  let pending: Uint8Array[] = []
  for await (const chunk of body) {
    let start = 0
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, start)) {
      const line = Buffer.concat([...pending, chunk.subarray(start, end)])
        .toString('utf8')
        .trim()
      pending = []
      start = end + 1
      if (line !== '') yield line
    }
    if (start < chunk.length) pending.push(chunk.subarray(start))
  }
}
