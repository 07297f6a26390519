/** Words of a name in any style: `RollBack`, `roll_back` and `roll-back` are `roll` and `back`. */
function wordsOf(name: string): string[] {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())
}

/** `RollBack` as the name of a file: `roll-back`. */
export function fileName(name: string): string {
  return wordsOf(name).join('-')
}

/** `RollBack` as the name of a value: `rollBack`. */
export function valueName(name: string): string {
  const [first = '', ...others] = wordsOf(name)
  return first + others.map(capitalized).join('')
}

/** `roll-back` as the name of a type: `RollBack`. */
export function typeName(name: string): string {
  return wordsOf(name).map(capitalized).join('')
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
