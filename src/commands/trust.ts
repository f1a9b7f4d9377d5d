import { X509Certificate } from 'node:crypto'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { CliContext, CommandFunction } from '../cli/context.ts'
import type { TrustFlags } from '../cli/flags.ts'
import { DevkError } from '../errors.ts'
import { authorityFiles, readAuthority } from '../presets/tls/authority.ts'
import { type TrustSteps, trustSteps } from '../presets/tls/trust.ts'
import { statePaths } from '../state/paths.ts'
import { ask } from './ask.ts'
import { userId } from './engine.ts'
import { write, writeJson } from './output.ts'

/**
 * `devk trust`: where the authority's certificate is, and how this machine comes to trust it; with --install it does so, when the user agrees.
 * Throws CONFIG_NOT_FOUND while there is no authority.
 */
export const runTrust: CommandFunction<TrustFlags> = async (ctx, _args, { install }) => {
  const folder = statePaths(ctx.env).authority
  const authority = await readAuthority(folder, new Date(ctx.clock()))
  if (authority === undefined) {
    throw new DevkError('CONFIG_NOT_FOUND', 'There is no certificate authority yet', {
      hint: 'The preset tls makes it: devk preset add tls, then devk up.',
    })
  }
  const file = authorityFiles(folder).certificate
  const { subject, fingerprint256, validToDate } = new X509Certificate(authority.certificate)
  const steps = trustSteps(process.platform, file, await programsOf(ctx))
  const root = steps?.root === true && userId() !== 0
  const lines = (steps?.commands ?? []).map((argv) => `${root ? 'sudo ' : ''}${argv.join(' ')}`)
  const told = {
    file,
    subject: subject.replaceAll('\n', ', '),
    fingerprint: fingerprint256,
    until: validToDate.toISOString(),
  }
  if (install) await installIt(ctx, steps, lines, root)
  if (ctx.json) await writeJson(ctx.stdout, { ...told, commands: lines, installed: install })
  else await write(ctx.stdout, `${text(told, install ? [] : lines, steps?.also)}\n`)
  return 0
}

async function installIt(ctx: CliContext, steps: TrustSteps | undefined, lines: readonly string[], root: boolean) {
  if (steps === undefined) {
    throw new DevkError('TOOL_MISSING', 'devk knows no program here that adds an authority to the trusted ones', {
      hint: 'Install ca-certificates (update-ca-certificates) or p11-kit (trust).',
    })
  }
  if (root) {
    throw new DevkError('COMMAND_FAILED', 'Trusting an authority needs root here', {
      details: ['Nothing was changed.'],
      hint: `Run it yourself: ${lines.join(' && ')}`,
    })
  }
  if (
    !(await ask(ctx, `Every program of this machine will trust certificates of this authority. ${lines.join(' && ')}?`))
  ) {
    throw new DevkError('USAGE', 'The authority was not installed', {
      details: ['Nobody agreed, and nothing was changed.'],
      hint: 'Answer y, or add --yes.',
    })
  }
  for (const [command = '', ...args] of steps.commands) {
    const { exitCode, stderr } = await ctx.runner.run(command, args, { signal: ctx.signal })
    if (exitCode === 0) continue
    throw new DevkError('COMMAND_FAILED', `${command} ended with exit code ${exitCode}`, { details: [stderr.trim()] })
  }
}

interface Told {
  readonly file: string
  readonly subject: string
  readonly fingerprint: string
  readonly until: string
}

function text(told: Told, commands: readonly string[], also: string | undefined): string {
  const { file, subject, fingerprint, until } = told
  const facts = [file, `  ${subject}, until ${until.slice(0, 10)}`, `  SHA-256 ${fingerprint}`]
  const how =
    commands.length === 0
      ? ['✔ Programs that use the list of this machine trust it']
      : ['To trust it (devk trust --install does the same):', ...commands.map((line) => `  ${line}`)]
  return [...facts, '', ...how, ...(also === undefined ? [] : [also])].join('\n')
}

/** Those of the programs for trust that are on PATH; their usual folders count too, which users' PATHs often leave out. */
async function programsOf({ env }: CliContext): Promise<Set<string>> {
  const folders = [...(env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin']
  const found = new Set<string>()
  for (const program of ['update-ca-certificates', 'trust']) {
    for (const folder of folders) {
      const there = await access(join(folder, program), constants.X_OK).then(
        () => true,
        () => false,
      )
      if (there) found.add(program)
    }
  }
  return found
}
