/**
 * A function that works out each value once for every object it is given, and gives the same value again: for what many requests
 * ask of one object. The object must not change afterwards, nor the value. Nothing is kept longer than its object; `undefined` is
 * not kept. Not for objects that are made by the thousand and asked once or twice: keeping costs more than working it out.
 */
export function remembered<Subject extends object, Value>(
  work: (subject: Subject) => Value,
): (subject: Subject) => Value {
  const values = new WeakMap<Subject, Value>()
  return (subject) => {
    const known = values.get(subject)
    if (known !== undefined) return known
    const value = work(subject)
    values.set(subject, value)
    return value
  }
}
