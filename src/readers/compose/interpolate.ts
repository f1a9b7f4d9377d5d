/** A text with its variables filled in, and the names of those that have no value. */
export interface Interpolated {
  readonly text: string
  readonly missing: readonly string[]
}

/**
 * Fills in `$NAME`, `${NAME}`, `${NAME:-default}` and the other forms of Compose; `$$` is a dollar sign. A variable
 * without a value stays as it is written. Pure.
 * Rules: https://docs.docker.com/reference/compose-file/interpolation/
 */
export function interpolated(text: string, values: Readonly<Record<string, string>>): Interpolated {
  const missing: string[] = []
  const given = (name: string) => (Object.hasOwn(values, name) ? values[name] : undefined)
  const fill = (part: string): string => {
    let done = ''
    let rest = part
    for (;;) {
      const at = rest.indexOf('$')
      if (at < 0) return done + rest
      done += rest.slice(0, at)
      rest = rest.slice(at)
      const [plain, name] = /^\$([A-Za-z_]\w*)/.exec(rest) ?? []
      const braced = rest.startsWith('${') ? closing(rest) : undefined
      const whole =
        plain ?? (braced === undefined ? rest.slice(0, rest.startsWith('$$') ? 2 : 1) : rest.slice(0, braced))
      if (name !== undefined) done += given(name) ?? none(name, whole)
      else if (braced !== undefined) done += expression(whole)
      else done += '$'
      rest = rest.slice(whole.length)
    }
  }
  const none = (name: string, written: string) => {
    missing.push(name)
    return written
  }
  const expression = (whole: string): string => {
    const [, name = '', operator = '', word = ''] = /^\$\{\s*([A-Za-z_]\w*)(:?[-+?])?(.*)\}$/s.exec(whole) ?? []
    const value = given(name)
    const isSet = value !== undefined && (value !== '' || !operator.startsWith(':'))
    if (operator.endsWith('+')) return isSet ? fill(word) : ''
    if (isSet) return value
    return operator.endsWith('-') ? fill(word) : none(name || whole, whole)
  }
  return { text: fill(text), missing }
}

/** The end of `${…}`, which may hold others; undefined if it is not closed. */
function closing(text: string): number | undefined {
  let open = 0
  for (let at = 0; at < text.length; at++) {
    if (text.startsWith('${', at)) open += 1
    if (text[at] === '}' && --open === 0) return at + 1
  }
  return undefined
}
