/** A sequence that nobody typed ends after this time, in ms, if its end does not come. */
const patienceMs = 500

/** Where in the input the reader is. `text` is a string that a terminal sends, such as its answer to a question. */
type Place = 'keys' | 'escape' | 'control' | 'function key' | 'text' | 'paste'

/** What a terminal sends for Ctrl-C. */
export const interrupt = '\u0003'
const esc = '\u001b'

/**
 * Finds the keys that were typed in what a terminal sends, chunk by chunk. Function keys, answers of the terminal to
 * escape sequences, and pastes are no keys: a program can make a terminal send them. See "ECMA-48, 5.4 to 5.6" for
 * their form, and bracketed paste in the xterm documentation. Ctrl-C counts anywhere but in a paste.
 */
export function typedKeys(): (chunk: string, now: number) => string[] {
  let place: Place = 'keys'
  let parameters = ''
  let last = Number.NEGATIVE_INFINITY

  const next = (character: string): Place => {
    switch (place) {
      case 'keys':
        return character === esc ? 'escape' : 'keys'
      case 'escape':
        parameters = ''
        if (character === '[') return 'control'
        if (character === 'O') return 'function key'
        if (']P_^X'.includes(character)) return 'text'
        return character === esc ? 'escape' : 'keys'
      case 'control':
        // F1 to F5 of the Linux console are ESC [ [ A to E.
        if (character === '[' && parameters === '') return 'function key'
        if (character < '@' || character > '~') {
          parameters += character
          return 'control'
        }
        return `${parameters}${character}` === '200~' ? 'paste' : 'keys'
      case 'function key':
        return 'keys'
      case 'text':
        // Ended by BEL, or by ESC \.
        return character === '\u0007' ? 'keys' : character === esc ? 'escape' : 'text'
      case 'paste':
        parameters = `${parameters}${character}`.slice(-6)
        return parameters === `${esc}[201~` ? 'keys' : 'paste'
    }
  }

  return (chunk, now) => {
    if (place !== 'paste' && now - last > patienceMs) place = 'keys'
    last = now
    const keys: string[] = []
    for (const character of chunk) {
      const before = place
      if (character === interrupt && place !== 'paste') {
        place = 'keys'
        keys.push(character)
        continue
      }
      place = next(character)
      if (before === 'keys' && place === 'keys') keys.push(character)
    }
    // Several characters at once are a paste in a terminal that does not mark pastes.
    return keys.length === 1 ? keys : keys.filter((key) => key === interrupt)
  }
}
