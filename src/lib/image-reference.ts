/**
 * `localhost:5001/a/b:tag` → repository and tag (default `latest`); a colon before the last slash belongs to the port.
 */
export function splitReference(reference: string): { repo: string; tag: string } {
  const colon = reference.indexOf(':', reference.lastIndexOf('/') + 1)
  if (colon < 0) return { repo: reference, tag: 'latest' }
  return { repo: reference.slice(0, colon), tag: reference.slice(colon + 1) }
}

/** A reference in the full form that containerd uses: `todo:1` → `docker.io/library/todo:1`. */
export function fullName(reference: string): string {
  const tagged =
    reference.indexOf(':', reference.lastIndexOf('/') + 1) < 0 && !reference.includes('@')
      ? `${reference}:latest`
      : reference
  const [first = ''] = tagged.split('/')
  if (!tagged.includes('/')) return `docker.io/library/${tagged}`
  return /[.:]/.test(first) || first === 'localhost' ? tagged : `docker.io/${tagged}`
}

/** A reference in the form of the engine's tags: without the prefixes of Docker Hub, with a tag. */
export function shortReference(reference: string): string {
  const short = reference.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '')
  return /:[^/]*$/.test(short) ? short : `${short}:latest`
}

/** The parts of an image reference. */
export interface ImageName {
  /** Empty for Docker Hub, and for a reference that names none. */
  readonly registry: string
  /** The repository without registry and `library/`. */
  readonly path: string
  /** undefined for a reference without a tag. */
  readonly tag: string | undefined
}

/** What `imageName` gave before: it is called for each pair of images and services of a repository. */
const known = new Map<string, ImageName>()
const mostKnown = 10_000

/** The parts of an image reference; its digest is left out. */
export function imageName(reference: string): ImageName {
  const before = known.get(reference)
  if (before !== undefined) return before
  if (known.size >= mostKnown) known.clear()
  const parts = partsOf(reference)
  known.set(reference, parts)
  return parts
}

function partsOf(reference: string): ImageName {
  const [tagged = ''] = reference.split('@')
  const parts = tagged.split('/')
  const [first = ''] = parts
  // By the rules of Docker, the first part is a registry if it has a dot or a port, or is localhost.
  const isRegistry = parts.length > 1 && (/[.:]/.test(first) || first === 'localhost')
  if (isRegistry) parts.shift()
  if (parts.length > 1 && parts[0] === 'library') parts.shift()
  const [, path = '', tag] = /^(.*?)(?::([^:/]*))?$/.exec(parts.join('/')) ?? []
  return { registry: isRegistry && !/^(index\.)?docker\.io$/.test(first) ? first : '', path, tag }
}

/**
 * The repository of an image reference, without registry host, `library/`, tag and digest:
 * `docker.io/library/todo-backend:1.0` and `ghcr.io/acme/todo-backend@sha256:…` give `todo-backend` and
 * `acme/todo-backend`.
 */
export function repositoryOf(reference: string): string {
  return imageName(reference).path
}
