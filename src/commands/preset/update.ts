import { sourceName } from '../../config/preset-source.ts'
import type { CommandFunction, NoFlags } from '../../context.ts'
import { DevkError } from '../../errors.ts'
import { loadProject } from '../../project/load.ts'
import { writeJson, writeText } from '../../terminal/output.ts'
import { fetchFor } from '../fetch.ts'

/**
 * `devk preset update NAME`: fetches the newest content that the configuration allows for a preset, and notes its
 * digest in the lock. Throws USAGE for a preset that the configuration does not describe, and what fetching throws.
 */
export const runPresetUpdate: CommandFunction<NoFlags> = async (ctx, [word = '']) => {
  const { config } = await loadProject(ctx, {})
  const described = config.presets.filter((entry) => typeof entry !== 'string')
  const presets = described.filter((entry) => sourceName(entry) === word)
  if (presets.length === 0) {
    const known = described.map(sourceName).join(', ')
    throw new DevkError(
      'USAGE',
      `The configuration does not describe a preset ${word}, so that there is no lock for it`,
      {
        hint: known === '' ? 'devk preset add NAME --chart URL adds one.' : `Presets that can be updated: ${known}.`,
      },
    )
  }
  const part = { ...config, presets, deploy: { ...config.deploy, helm: [], kustomize: [] } }
  const { lines, report } = await fetchFor(ctx, part, true)
  if (ctx.json) await writeJson(ctx.stdout, { project: config.name, ...report })
  else await writeText(ctx.stderr, `${lines.join('\n') || `${word} is in the project itself: nothing is fetched`}\n`)
  return 0
}
