/** `localhost:5001/a/b:tag` → repository and tag (default `latest`); a colon before the last slash belongs to the port. */
export function splitReference(reference: string): { repo: string; tag: string } {
  const colon = reference.indexOf(':', reference.lastIndexOf('/') + 1)
  if (colon < 0) return { repo: reference, tag: 'latest' }
  return { repo: reference.slice(0, colon), tag: reference.slice(colon + 1) }
}

/** How containerd writes what Docker shortens: `todo:1` → `docker.io/library/todo:1`. */
export function fullName(reference: string): string {
  const tagged = reference.indexOf(':', reference.lastIndexOf('/') + 1) < 0 && !reference.includes('@')
    ? `${reference}:latest`
    : reference
  const [first = ''] = tagged.split('/')
  if (!tagged.includes('/')) return `docker.io/library/${tagged}`
  return /[.:]/.test(first) || first === 'localhost' ? tagged : `docker.io/${tagged}`
}

/** An image reference as the engine's tags have it: without Docker Hub's own prefixes, with a tag. */
export function shortReference(reference: string): string {
  const short = reference.replace(/^(index\.)?docker\.io\//, '').replace(/^library\//, '')
  return /:[^/]*$/.test(short) ? short : `${short}:latest`
}
