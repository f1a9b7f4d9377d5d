import fc from 'fast-check'

/** Texts that come out of a valid one by a few edits, as a person or a broken editor makes them. */
export function brokenTexts(valid: readonly string[]): fc.Arbitrary<string> {
  const piece = fc.constantFrom(
    ...['', ' ', '  ', '\t', '\n', '\r\n', ':', '- ', '{', '}', '[', ']', '"', "'", '#', '&a ', '*a', '<<: ', '|', '>'],
    // Not `!!str `: kubectl reads an empty value with this tag as null.
    ...['null', '~', 'on', '012', '1e3', '-', '---\n', '\uFEFF', '\u0000', '\uFFFD', 'ü', '$', '$X', '\\'],
    ...['kind: List\nitems:\n', 'metadata:\n', '? ', ', ', '%', '`', '@', '0x1F', '.inf', '2001-01-01', '12:30'],
  )
  const edit = fc.record({ at: fc.nat(), remove: fc.integer({ min: 0, max: 12 }), piece })
  return fc.tuple(fc.constantFrom(...valid), fc.array(edit, { minLength: 1, maxLength: 5 })).map(([text, edits]) =>
    edits.reduce((current, { at, remove, piece: inserted }) => {
      const place = at % (current.length + 1)
      return current.slice(0, place) + inserted + current.slice(place + remove)
    }, text),
  )
}

/** Values that come out of a valid one when some of its parts are replaced by others of any type. */
export function brokenValues(valid: object): fc.Arbitrary<unknown> {
  const paths = pathsOf(valid)
  const other = fc.oneof(
    fc.constantFrom(null, '', 0, -1, 1e300, true, [], {}, [null], [[]], { '': null }, '../..', '/', 'a b', '$X', '*'),
    fc.constantFrom('__proto__', 'constructor', '1Gi', '80:80', '99999', ['a', 'a'], { a: { b: null } }),
    fc.jsonValue({ maxDepth: 2 }),
  )
  const edit = fc.tuple(fc.constantFrom(...paths), other)
  return fc.array(edit, { minLength: 1, maxLength: 3 }).map((edits) => {
    const copy = structuredClone({ value: valid as unknown })
    for (const [path, value] of edits) replace(copy, ['value', ...path], structuredClone(value))
    return copy.value
  })
}

type Path = readonly (string | number)[]

function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path]
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value)
  return [path, ...entries.flatMap(([key, inner]) => pathsOf(inner, [...path, key]))]
}

/** Replaces what is at a path, unless an earlier edit has removed the place. */
function replace(root: object, path: Path, value: unknown): void {
  let place: unknown = root
  for (const key of path.slice(0, -1)) {
    if (typeof place !== 'object' || place === null) return
    place = (place as Record<string | number, unknown>)[key]
  }
  const last = path.at(-1)
  if (typeof place === 'object' && place !== null && last !== undefined)
    (place as Record<string | number, unknown>)[last] = value
}
