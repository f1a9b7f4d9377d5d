/** Any registry tells its name in a header; a network that answers everything by itself does not. */
const probe = 'https://registry-1.docker.io/v2/'

/** Whether the container registry that image names mean by default answers as one, within three seconds. */
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
