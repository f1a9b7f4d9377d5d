/** Short forms that people use in one of the two names. */
const long: Readonly<Record<string, string>> = {
  ...{
    be: 'backend',
    fe: 'frontend',
    gw: 'gateway',
    svc: 'service',
    srv: 'server',
    mgr: 'manager',
    ctrl: 'controller',
  },
  ...{ services: 'service', microservice: 'service', msvc: 'service', db: 'database', auth: 'auth', img: 'image' },
}
/** Words that say what kind of thing an image is, not which one. */
const common = /^(service|server|app|application|image|docker|container|v?\d+)$/

/** The words of a name, split at `-_.` and at camelCase, in lower case. Pure. */
export function wordsOf(name: string): string[] {
  const parts = name.replace(/([\p{Ll}\d])(\p{Lu})/gu, '$1-$2').split(/[^\p{L}\p{N}]+/u)
  return parts.filter((part) => part !== '').map((part) => long[part.toLowerCase()] ?? part.toLowerCase())
}

/** A name of an image, of a Dockerfile or of a stage, with what comparing it takes. */
export interface Name {
  readonly words: readonly string[]
  /** The words without those that every image may have: `service`, `app`, a version, the name of the project. */
  readonly telling: readonly string[]
  /** All words, written together. */
  readonly text: string
  /** The telling words, written together and without an ending such as in `cartservice`. */
  readonly short: string
}

/** Takes a name apart. `project` are the words of the project's name, which say little. Pure. */
export function nameOf(name: string, project: readonly string[]): Name {
  const words = wordsOf(name)
  const special = words.filter((word) => !common.test(word))
  const left = special.filter((word) => !project.includes(word))
  const telling = left.length === 0 ? special : left
  const text = telling.join('')
  return {
    words,
    telling,
    text: words.join(''),
    short: text.replace(/(service|server|svc|app|image)$/, '') || text,
  }
}

/** What two names must have in common to be alike: a word, or all of one of them; see also `endsOf`. Pure. */
export function keysOf({ words, text, short }: Name): Set<string> {
  return new Set([...words, text, short])
}

/** The shortest end or beginning of a name that another one may be. */
const shortestEnd = 4

/** What else the short form of a name may be, for `short` to end or begin with it. Pure. */
export function endsOf(short: string): string[] {
  const lengths = Array.from({ length: Math.max(0, short.length - shortestEnd) }, (_, i) => i + shortestEnd)
  return lengths.flatMap((length) => [short.slice(0, length), short.slice(-length)])
}

/**
 * How well the name of an image fits a name that a Dockerfile may build, from 0 to 100. Makes nothing: it is called for
 * each pair of the two. Pure.
 */
export function likeness(image: Name, name: Name): number {
  if (image.text === '' || name.text === '') return 0
  if (image.text === name.text) return image.words.length === name.words.length ? 100 : 95
  const [a, b] = [image.telling, name.telling]
  if (image.short === '' || name.short === '') return 0
  if (image.short === name.short) return 85
  if (endsWith(image.words, name.words) || endsWith(a, b)) return 70 + b.length
  if (startsWith(image.words, name.words) || startsWith(a, b)) return 60 + b.length
  if (contains(a, b)) return 50 + b.length
  if (endsWith(b, a) || startsWith(b, a)) return 40
  if (name.short.length >= shortestEnd && image.short.endsWith(name.short)) return 35
  if (name.short.length >= shortestEnd && image.short.startsWith(name.short)) return 32
  return 0
}

function startsWith(all: readonly string[], part: readonly string[]): boolean {
  return part.length > 0 && isAt(all, 0, part)
}

function endsWith(all: readonly string[], part: readonly string[]): boolean {
  return part.length > 0 && isAt(all, all.length - part.length, part)
}

function contains(all: readonly string[], part: readonly string[]): boolean {
  for (let at = 1; at < all.length - part.length; at += 1) if (isAt(all, at, part)) return true
  return false
}

/** Whether `part` stands at a place of `all`. */
function isAt(all: readonly string[], at: number, part: readonly string[]): boolean {
  if (at < 0 || at + part.length > all.length) return false
  for (let i = 0; i < part.length; i += 1) if (all[at + i] !== part[i]) return false
  return true
}
