import type { IncomingMessage, ServerResponse } from 'node:http'
import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { type Answer, readJson, sendJson } from '../../ui/server.ts'
import { perform } from '../actions/perform.ts'
import { previewOf } from '../actions/preview.ts'
import { type ActionRequest, actionIn } from '../actions/request.ts'
import type { UiOutcome, UiPlan, UiPreview } from './api.ts'

/** What the routes act through. */
export interface ChangingDeps {
  preview: typeof previewOf
  perform: typeof perform
}

/**
 * The part of the API that changes the stack, and what says before what a change will do. By path. The plan changes
 * nothing, but it runs the code of a configuration, which is not for those who may only look.
 */
export function changingRoutes(
  ctx: CliContext,
  plan: (ctx: CliContext) => Promise<UiPlan>,
  deps: ChangingDeps = { preview: previewOf, perform },
): Readonly<Record<string, Answer>> {
  return {
    '/api/v1/plan': async (_request, response) => sendJson(response, await plan(ctx)),
    '/api/v1/preview': answering(async (request): Promise<UiPreview> => {
      return { ok: true, ...(await deps.preview(ctx, request)) }
    }),
    '/api/v1/actions': answering(async (request): Promise<UiOutcome> => {
      const { ok, text, hint } = await deps.perform(ctx, request)
      return { ok, text, hint }
    }),
  }
}

/** An action that a user can correct is answered; everything else is a failure of the server. */
function answering(answer: (request: ActionRequest) => Promise<unknown>): Answer {
  return async (request: IncomingMessage, response: ServerResponse) => {
    const action = actionIn(await readJson(request))
    if (action === undefined) {
      response.writeHead(400, { 'Content-Type': 'text/plain; charset=utf-8' }).end('This is no action.\n')
      return
    }
    const value = await answer(action).catch((error: unknown) => {
      if (!(error instanceof DevkError)) throw error
      return { ok: false, text: [error.message, ...error.details].join('\n'), hint: error.hint ?? null }
    })
    sendJson(response, value)
  }
}
