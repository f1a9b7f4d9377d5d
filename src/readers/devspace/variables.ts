import type { Located } from '../located.ts'

/** The variables of a devspace.yaml whose values stand in the file. */
export class Variables {
  readonly #values = new Map<string, string>()

  constructor(document: Located) {
    const list = document.get('vars')
    for (const entry of list.items()) this.#add(entry.get('name').text(), entry)
    for (const [name, entry] of list.entries()) this.#add(name, entry)
    const name = document.get('name').text()
    if (name !== undefined) this.#values.set('DEVSPACE_NAME', name)
  }

  #add(name: string | undefined, entry: Located): void {
    const value = entry.text() ?? entry.either('value', 'default').text()
    // What a command prints is no value.
    if (name !== undefined && value !== undefined && !/\$\(/.test(value)) this.#values.set(name, value)
  }

  /** A text with its variables filled in; undefined if one of them has no value in the file. */
  text(value: Located, depth = 0): string | undefined {
    const written = value.text()
    return written === undefined ? undefined : this.#filled(written, depth)
  }

  /** The same for a text. */
  fill(text: string): string | undefined {
    return this.#filled(text, 0)
  }

  #filled(text: string, depth: number): string | undefined {
    let isKnown = depth < 10
    const filled = text.replaceAll(/\$!?\{([\w.-]+)\}/g, (_whole, name: string) => {
      const own = this.#values.get(name)
      const value = own === undefined || depth >= 10 ? undefined : this.#filled(own, depth + 1)
      if (value === undefined) isKnown = false
      return value ?? ''
    })
    return isKnown && !/\$\(|\$\{/.test(filled) ? filled : undefined
  }
}
