import { checkConfig } from '../../config/check.ts'
import { sourceMap } from '../../config/positions.ts'
import type { CliContext } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { problemOf } from '../../init/deploy/render.ts'
import type { Proposal } from '../../init/propose/propose.ts'
import { proposalText } from '../../init/text.ts'
import { noRegistry } from '../../platform/image-route.ts'
import { builtInNames } from '../../presets/folder.ts'
import { libraryOf, projectOf } from '../../project/load.ts'
import { manifestsOf } from '../../up/manifests.ts'
import { prepare } from '../../up/prepare.ts'

/**
 * A proposal with a note about what `devk plan` would refuse, found without running its text. The file is written all
 * the same: its user can correct it.
 */
export async function judged(ctx: CliContext, file: string, proposal: Proposal, kubectl: string): Promise<Proposal> {
  const { config: written, notes } = proposal
  try {
    const presets = await builtInNames(libraryOf(ctx))
    const map = sourceMap(file, proposalText(proposal))
    const how = { file, shown: 'platform.config.ts', map, profile: undefined, env: ctx.env, presets }
    const { config } = await projectOf(ctx, checkConfig(written, how))
    const place = { kube: undefined, kubectl, presets: async () => new Map() }
    const manifests = manifestsOf(ctx, config, place, ctx.signal)
    await prepare(ctx, { config, kube: undefined, manifests, prefix: noRegistry, only: undefined }, ctx.signal)
    return proposal
  } catch (error) {
    if (ctx.signal.aborted) throw error
    const problem = problemOf(error)
    if (!(error instanceof DevkError))
      return { ...proposal, notes: [...notes, `devk could not check this: ${problem}`] }
    const isKnown = notes.some((note) =>
      [error.message, ...error.details.slice(0, 1)].some((text) => note.includes(text)),
    )
    return isKnown ? proposal : { ...proposal, notes: [...notes, `devk plan would stop: ${problem}`] }
  }
}
