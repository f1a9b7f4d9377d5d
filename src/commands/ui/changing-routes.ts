import type { CliContext } from '../../context.ts'
import { type Answer, sendJson } from '../../ui/server.ts'
import { perform } from '../actions/perform.ts'
import { previewOf } from '../actions/preview.ts'
import { type ActionRequest, actionIn } from '../actions/request.ts'
import { type Asking, answering } from './answering.ts'
import type { UiOutcome, UiPlan, UiPreview } from './api.ts'

const asking: Asking<ActionRequest> = {
  read: actionIn,
  refusal: 'This is no action.',
  textOf: ({ message, details }) => [message, ...details].join('\n'),
}

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
    '/api/v1/preview': answering(asking, async (request): Promise<UiPreview> => {
      return { ok: true, ...(await deps.preview(ctx, request)) }
    }),
    '/api/v1/actions': answering(asking, async (request): Promise<UiOutcome> => {
      const { ok, text, hint } = await deps.perform(ctx, request)
      return { ok, text, hint }
    }),
  }
}
