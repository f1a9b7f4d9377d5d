/** Calls the API under the page's own origin. Throws an Error whose message can be shown. */
export async function call(method, path, body) {
  const init = body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(`/api${path}`, { method, ...init }).catch(() => {
    throw new Error('The server cannot be reached.')
  })
  if (response.ok) return response.status === 204 ? undefined : response.json()
  const answer = await response.json().catch(() => ({}))
  throw new Error(typeof answer.detail === 'string' ? answer.detail : `The server answered ${response.status}.`)
}
