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

/** Words without those that every image may have: `service`, `app`, a version, the name of the project. */
function telling(words: readonly string[], project: readonly string[]): string[] {
  const left = words.filter((word) => !common.test(word) && !project.includes(word))
  return left.length === 0 ? words.filter((word) => !common.test(word)) : left
}

/** Written together, without an ending such as in `cartservice`. */
function joined(words: readonly string[]): string {
  const text = words.join('')
  return text.replace(/(service|server|svc|app|image)$/, '') || text
}

/**
 * How well the name of an image fits a name that a Dockerfile may build, from 0 to 100. `project` are the words of the
 * project's name, which say little. Pure.
 */
export function likeness(image: readonly string[], name: readonly string[], project: readonly string[]): number {
  if (image.length === 0 || name.length === 0) return 0
  if (image.join('') === name.join('')) return image.length === name.length ? 100 : 95
  const [a, b] = [telling(image, project), telling(name, project)]
  const [shortA, shortB] = [joined(a), joined(b)]
  if (shortA === '' || shortB === '') return 0
  if (shortA === shortB) return 85
  if (endsWith(image, name) || endsWith(a, b)) return 70 + b.length
  if (startsWith(image, name) || startsWith(a, b)) return 60 + b.length
  if (contains(a, b)) return 50 + b.length
  if (endsWith(b, a) || startsWith(b, a)) return 40
  if (shortB.length >= 4 && shortA.endsWith(shortB)) return 35
  if (shortB.length >= 4 && shortA.startsWith(shortB)) return 32
  return 0
}

function startsWith(all: readonly string[], part: readonly string[]): boolean {
  return part.length > 0 && part.length <= all.length && part.every((word, i) => word === all[i])
}

function endsWith(all: readonly string[], part: readonly string[]): boolean {
  return startsWith([...all].reverse(), [...part].reverse())
}

function contains(all: readonly string[], part: readonly string[]): boolean {
  return all.some((_, i) => startsWith(all.slice(i), part))
}
