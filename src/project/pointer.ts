/** Joins a JSON pointer (RFC 6901) and a field name or index. */
export function child(pointer: string, key: string | number): string {
  return `${pointer}/${String(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
}

/** A pointer as people write paths: `/phases/0/name` as `phases[0].name`, the root as `the file`. */
export function describePointer(pointer: string): string {
  if (pointer === '') return 'the file'
  return pointer
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`), '')
}
