/** `localhost:5001/a/b:tag` → repository and tag (default `latest`); a colon before the last slash belongs to the port. */
export function splitReference(reference: string): { repo: string; tag: string } {
  const colon = reference.indexOf(':', reference.lastIndexOf('/') + 1)
  if (colon < 0) return { repo: reference, tag: 'latest' }
  return { repo: reference.slice(0, colon), tag: reference.slice(colon + 1) }
}
