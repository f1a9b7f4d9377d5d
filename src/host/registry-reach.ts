/** A registry names its API version in a header; a captive portal or filter that answers each request does not. */
const probe = 'https://registry-1.docker.io/v2/'

/** Whether Docker Hub, the default registry of image names, answers within three seconds. */
export async function registryAnswers(signal: AbortSignal, address = probe): Promise<boolean> {
  try {
    const answer = await fetch(address, {
      method: 'HEAD',
      signal: AbortSignal.any([signal, AbortSignal.timeout(3000)]),
    })
    return answer.headers.get('docker-distribution-api-version')?.startsWith('registry/2') === true
  } catch {
    signal.throwIfAborted()
    return false
  }
}
