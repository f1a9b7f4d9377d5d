import { get } from 'node:http'

/** The JSON at a URL, over a connection of its own: one that is kept alive stays with the pod it first met. */
export function readFresh(url: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('error', reject)
      response.on('end', () => {
        try {
          resolve(JSON.parse(text))
        } catch (error) {
          reject(error)
        }
      })
    })
    request.on('error', reject)
  })
}
