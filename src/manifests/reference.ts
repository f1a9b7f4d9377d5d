/**
 * The repository of an image reference, without registry host, `library/`, tag and digest:
 * `docker.io/library/todo-backend:1.0` and `ghcr.io/acme/todo-backend@sha256:…` give `todo-backend` and `acme/todo-backend`.
 */
export function repositoryOf(reference: string): string {
  const parts = (reference.split('@')[0] ?? '').split('/')
  const [host = ''] = parts
  // As Docker tells a host from a folder of Docker Hub: it has a dot or a port, or is localhost.
  if (parts.length > 1 && (/[.:]/.test(host) || host === 'localhost')) parts.shift()
  if (parts.length > 1 && parts[0] === 'library') parts.shift()
  return parts.join('/').replace(/:[^/]*$/, '')
}

/** Whether a manifest's image is the one that a service calls `name`: the same repository, or `<anything>/<name>`. */
export function sameImage(reference: string, name: string): boolean {
  const repository = repositoryOf(reference)
  const wanted = repositoryOf(name)
  return (
    repository === wanted || (!wanted.includes('/') && repository.slice(repository.lastIndexOf('/') + 1) === wanted)
  )
}
