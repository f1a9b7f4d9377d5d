import { isRecord } from '../lib/record.ts'
import { lenientValue, type YamlPath, yamlEntries } from '../lib/yaml.ts'
import type { OpenPoint, Place } from './facts.ts'

/** A value of a YAML or JSON file that knows its place. Whatever is missing, or of another type, is empty. */
export class Located {
  readonly value: unknown
  readonly #path: YamlPath
  readonly #placeOf: (path: YamlPath) => Place

  constructor(value: unknown, path: YamlPath, placeOf: (path: YamlPath) => Place) {
    this.value = value
    this.#path = path
    this.#placeOf = placeOf
  }

  /** Where it is written; of what is missing, where it would belong. */
  get place(): Place {
    return this.#placeOf(this.#path)
  }

  get isThere(): boolean {
    return this.value !== undefined && this.value !== null
  }

  /** The value below keys. */
  get(...keys: readonly string[]): Located {
    let value = this.value
    for (const key of keys) value = isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined
    return new Located(value, [...this.#path, ...keys], this.#placeOf)
  }

  /** The first of these keys that is there. */
  either(...keys: readonly string[]): Located {
    return keys.map((key) => this.get(key)).find(({ isThere }) => isThere) ?? this.get(keys[0] ?? '')
  }

  /** The items of a list. */
  items(): Located[] {
    if (!Array.isArray(this.value)) return []
    return this.value.map((item: unknown, index) => new Located(item, [...this.#path, index], this.#placeOf))
  }

  /** The keys and values of a mapping. */
  entries(): [string, Located][] {
    return isRecord(this.value) ? Object.keys(this.value).map((key) => [key, this.get(key)]) : []
  }

  /** The entries of a mapping as texts. What `read` makes nothing of is left out. */
  pairs(read: (value: Located) => string | undefined): Record<string, string> {
    const pairs = this.entries().flatMap(([key, value]) => {
      const text = read(value)
      return text === undefined ? [] : [[key, text] as const]
    })
    return Object.fromEntries(pairs)
  }

  /** A text, a number or a boolean, as text. */
  text(): string | undefined {
    return ['string', 'number', 'boolean'].includes(typeof this.value) ? String(this.value) : undefined
  }

  /** The text, unless it has this mark of what a tool computes. */
  textWithout(mark: string): string | undefined {
    const text = this.text()
    return text?.includes(mark) ? undefined : text
  }

  /** One text or a list of them, as a list. */
  texts(): string[] {
    const one = this.text()
    return one === undefined ? this.items().flatMap((item) => item.text() ?? []) : [one]
  }
}

/** The documents of a YAML file, and the mistakes of those that cannot be read. */
export function documentsOf(file: string, text: string): { documents: Located[]; open: OpenPoint[] } {
  const documents: Located[] = []
  const open: OpenPoint[] = []
  for (const { part, skipped } of parts(text)) {
    const read = lenientValue(part)
    if ('mistake' in read) {
      const { at, message } = read.mistake
      open.push({
        place: { file, line: skipped + (at?.line ?? 1) },
        message: `devk cannot read it: ${message.replace(/ at line \d+, column \d+:?$/, '')}`,
      })
    } else if (read.value !== null && read.value !== undefined) {
      documents.push(new Located(read.value, [], placesIn(file, part, skipped)))
    }
  }
  return { documents, open }
}

/** The documents of a stream, and the number of lines before each. */
function parts(text: string): { part: string; skipped: number }[] {
  const lines = text.split('\n')
  const starts = lines.flatMap((line, index) => (/^---(\s|$)/.test(line) ? [index + 1] : []))
  const begins = [0, ...starts]
  return begins.map((begin, index) => {
    const end = begins[index + 1]
    return { part: lines.slice(begin, end === undefined ? undefined : end - 1).join('\n'), skipped: begin }
  })
}

function placesIn(file: string, text: string, skipped: number): (path: YamlPath) => Place {
  let lines: Map<string, number> | undefined
  return (path) => {
    lines ??= new Map(yamlEntries(text, []).map((entry) => [JSON.stringify(entry.path), entry.at.line]))
    for (let length = path.length; length > 0; length--) {
      const line = lines.get(JSON.stringify(path.slice(0, length)))
      if (line !== undefined) return { file, line: line + skipped }
    }
    return { file, line: skipped + 1 }
  }
}
