import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import type { UiDoctor } from './api.ts'

/**
 * What `devk doctor` finds, as it finds it. It runs no code of the project and changes nothing. Several questions at
 * once are one. Its checks are loaded only when they are asked for.
 */
export function examiner(
  ctx: CliContext,
  load: () => Promise<Pick<typeof import('../doctor/doctor.ts'), 'examined'>> = () => import('../doctor/doctor.ts'),
): () => Promise<UiDoctor> {
  const examine = async (): Promise<UiDoctor> => {
    try {
      const { examined } = await load()
      return { ok: true, findings: await examined(ctx) }
    } catch (error) {
      if (!(error instanceof DevkError)) throw error
      return { ok: false, text: `${error.message}.`, hint: error.hint ?? null }
    }
  }
  let running: Promise<UiDoctor> | undefined
  return () => {
    running ??= examine().finally(() => {
      running = undefined
    })
    return running
  }
}
