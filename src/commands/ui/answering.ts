import { DevkError } from '../../errors.ts'
import { type Answer, readJson, sendJson } from '../../ui/server.ts'

/** How a route that takes JSON reads it, and speaks of what goes wrong. */
export interface Asking<Request> {
  /** The request in a value that somebody sent; undefined if there is none. */
  readonly read: (value: unknown) => Request | undefined
  /** The line for a value without a request, which is answered with 400. */
  readonly refusal: string
  /** The text for what a user can correct. */
  readonly textOf: (error: DevkError) => string
}

/** What a user can correct is answered; everything else is a failure of the server. */
export function answering<Request>(
  { read, refusal, textOf }: Asking<Request>,
  answer: (request: Request) => Promise<unknown>,
): Answer {
  return async (request, response) => {
    const asked = read(await readJson(request))
    if (asked === undefined) {
      response.writeHead(400, { 'Content-Type': 'text/plain; charset=utf-8' }).end(`${refusal}\n`)
      return
    }
    const value = await answer(asked).catch((error: unknown) => {
      if (!(error instanceof DevkError)) throw error
      return { ok: false, text: textOf(error), hint: error.hint ?? null }
    })
    sendJson(response, value)
  }
}
