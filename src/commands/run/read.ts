import { loadConfig } from '../../config/load.ts'
import type { LoadedConfig } from '../../config/schema.ts'
import type { CliContext } from '../../context.ts'
import { consentOf } from '../../project/consent.ts'
import { requireAgreedJob } from '../../project/local-consent.ts'
import { findRecord } from '../../project/open.ts'
import { agreementOf } from '../../project/outside-consent.ts'

/**
 * Reads the configuration for a run of one job, with the profile and the overlay of the last `up` by default. A command
 * for this machine has the consent of the user then. Throws CONFIG_NOT_FOUND, CONFIG_INVALID, CONFIG_UNTRUSTED,
 * PATH_OUTSIDE, and USAGE for an unknown --project.
 */
export async function readForJob(ctx: CliContext, name: string, profile?: string): Promise<LoadedConfig> {
  const record = await findRecord(ctx)
  const config = await loadConfig({
    cwd: ctx.cwd,
    file: ctx.configFile,
    profile: profile ?? record?.profile,
    overlay: record?.overlay,
    env: ctx.env,
    signal: ctx.signal,
    agree: consentOf(ctx),
    agreeToPaths: agreementOf(ctx),
  })
  await requireAgreedJob(ctx, config, name)
  return config
}
